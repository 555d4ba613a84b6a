"""No pod without the identity that it needs.

EKS puts the credentials of a Pod Identity association into a pod when the pod is admitted, or never: a pod that is
admitted before a new association has reached every API server would run without and fail for ever. On AKS a webhook
puts them in, and a pod that is admitted while it is away would run without as well. The guard, a
ValidatingAdmissionPolicy, refuses such a pod; its ReplicaSet tries again until the identity is there. On GKE nothing is
put in: pods ask the node's metadata server, again and again.

Follows "EKS Pod Identity" of the EKS user guide (eventual consistency of associations), "Microsoft Entra Workload ID"
of the AKS documentation (pod labels and environment variables) and "Validating Admission Policy" of the Kubernetes
documentation (generally available since 1.30; it runs after every mutating webhook).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...environment.target import Cloud
from ...governance.ownership import Ownership

NEEDS_IDENTITY = {"modelyard.dev/needs-aws-identity": "true"}
"""Label of pods that have to be given AWS credentials."""


@dataclass(frozen=True, slots=True)
class _Guarded:
    name: str
    pods: dict[str, str]
    """Labels of those that need an identity."""
    variable: str
    """What is added to every container."""
    message: str


_GUARDED: dict[Cloud, _Guarded] = {
    "aws": _Guarded(
        "modelyard-aws-identity",
        NEEDS_IDENTITY,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "EKS Pod Identity has not given this pod its AWS credentials yet; it is tried again until the association of "
        "its service account is known everywhere",
    ),
    "azure": _Guarded(
        "modelyard-azure-identity",
        {"azure.workload.identity/use": "true"},
        "AZURE_FEDERATED_TOKEN_FILE",
        "the webhook of Microsoft Entra Workload ID has not given this pod its token yet; it is tried again until the "
        "webhook answers",
    ),
}


def pod_identity_guard(
    ownership: Ownership, cloud: Cloud = "aws", *, name: str | None = None, pods: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """The policy and its binding, for the whole cluster; none on GKE.

    Args:
        ownership: who answers for it.
        cloud: whose identities.
        name: of a guard of one's own, for what is installed before this one.
        pods: labels of those that such a guard looks after.
    """
    guarded = _GUARDED.get(cloud)
    if guarded is None:
        return []
    guarded = replace(guarded, name=name or guarded.name, pods=pods or guarded.pods)
    metadata = {"name": guarded.name, "labels": ownership.kubernetes_labels()}
    has = f"e, e.name == '{guarded.variable}'"
    return [
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": metadata,
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {
                    "objectSelector": {"matchLabels": guarded.pods},
                    "resourceRules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                    ],
                },
                "validations": [
                    {
                        "expression": f"object.spec.containers.all(c, has(c.env) && c.env.exists({has}))",
                        "message": guarded.message,
                        "reason": "Forbidden",
                    }
                ],
            },
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": metadata,
            "spec": {"policyName": guarded.name, "validationActions": ["Deny"]},
        },
    ]
