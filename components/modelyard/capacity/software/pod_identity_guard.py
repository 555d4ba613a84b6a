"""No pod without the identity that it needs.

EKS puts the credentials of a Pod Identity association into a pod when the pod is admitted, or never: a pod that is
admitted before a new association has reached every API server would run without and fail for ever. The guard, a
ValidatingAdmissionPolicy, refuses such a pod; its ReplicaSet tries again until the identity is there.

Follows "EKS Pod Identity" of the EKS user guide (eventual consistency of associations) and "Validating Admission
Policy" of the Kubernetes documentation (generally available since 1.30; it runs after every mutating webhook).
"""

from __future__ import annotations

from typing import Any

from ...governance.ownership import Ownership

NEEDS_IDENTITY = {"modelyard.dev/needs-aws-identity": "true"}
"""Label of pods that have to be given AWS credentials."""

_NAME = "modelyard-aws-identity"
_VARIABLE = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
"""What EKS Pod Identity adds to every container."""


def pod_identity_guard(ownership: Ownership) -> list[dict[str, Any]]:
    """The policy and its binding, for the whole cluster."""
    metadata = {"name": _NAME, "labels": ownership.kubernetes_labels()}
    return [
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": metadata,
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {
                    "objectSelector": {"matchLabels": NEEDS_IDENTITY},
                    "resourceRules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                    ],
                },
                "validations": [
                    {
                        "expression": (
                            f"object.spec.containers.all(c, has(c.env) && c.env.exists(e, e.name == '{_VARIABLE}'))"
                        ),
                        "message": (
                            "EKS Pod Identity has not given this pod its AWS credentials yet; it is tried again until "
                            "the association of its service account is known everywhere"
                        ),
                        "reason": "Forbidden",
                    }
                ],
            },
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": metadata,
            "spec": {"policyName": _NAME, "validationActions": ["Deny"]},
        },
    ]
