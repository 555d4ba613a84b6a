"""Signatures and digests of images, checked by Kyverno when pods come."""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment import image_verification as declaration
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from .image_verification_args import ImageVerificationArgs

NAMESPACE = "kyverno"
ACCOUNT = "kyverno-admission-controller"
"""Service account of the pods that read signatures."""

_CONTAINERS = {
    "containers": "an image of a container",
    "initContainers": "an image of an init container",
    "ephemeralContainers": "an image of an ephemeral container",
}
_WEBHOOK_SECONDS = 15


class ImageVerification(pulumi.ComponentResource):
    """A policy of Kyverno (``ImageValidatingPolicy``): pods with these images start only where one of the signers has
    signed the image, by cosign with a key or without one, or by Notation with a certificate, as Azure's Artifact
    Signing does. Signatures of AWS Signer name a plugin of Notation that Kyverno does not have. Any cluster has it; on
    GKE :class:`BinaryAuthorization` is the cloud's own.

    Takes the Kubernetes provider of the cluster from ``opts``. Keys are references or public halves; who signs keeps
    the others.

    Raises:
        InvalidEnvironment: an argument is wrong.
    """

    policy_name: pulumi.Output[str]
    """Name of the policy in the cluster."""

    def __init__(self, name: str, args: ImageVerificationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(
            declaration.ImageVerification, args, ImageVerificationArgs, f"ImageVerification {name}"
        )
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ImageVerification", name, {}, opts)
        from ..capacity.software.kubernetes_object import declare

        after = self._installed(name, declared, ownership, args) if declared.install else []
        declare(
            name,
            verification_policy(name, declared, ownership.kubernetes_labels()),
            pulumi.ResourceOptions(parent=self, depends_on=after),
        )
        self.policy_name = pulumi.Output.from_input(name)
        self.register_outputs({"policyName": self.policy_name})

    def _installed(
        self, name: str, declared: declaration.ImageVerification, ownership: Ownership, args: ImageVerificationArgs
    ) -> list[pulumi.Resource]:
        from ..capacity.software.kubernetes_object import declare
        from ..capacity.software.release import release

        child = pulumi.ResourceOptions(parent=self)
        metadata = {"name": NAMESPACE, "labels": ownership.kubernetes_labels()}
        namespace = declare(f"{name}-namespace", {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, child)
        chart = release(
            f"{name}-kyverno",
            "kyverno",
            namespace=NAMESPACE,
            values=kyverno_values(declared.replicas, ownership.kubernetes_labels(), *_identity(args)),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace]),
        )
        return [chart]


def kyverno_values(
    replicas: int,
    labels: Mapping[str, str],
    account_annotations: Mapping[str, Any] = {},
    pod_labels: Mapping[str, str] = {},
) -> dict[str, Any]:
    """Values of the chart: several pods that judge, one of each that works behind them. Who judges is the cloud's
    identity by the annotations of its service account."""
    judge: dict[str, Any] = {"replicas": replicas}
    if account_annotations:
        judge["rbac"] = {"serviceAccount": {"annotations": dict(account_annotations)}}
    if pod_labels:
        judge["podLabels"] = dict(pod_labels)
    return {
        "customLabels": dict(labels),
        "admissionController": judge,
        "backgroundController": {"replicas": 1},
        "cleanupController": {"replicas": 1},
        "reportsController": {"replicas": 1},
    }


def _identity(args: ImageVerificationArgs) -> tuple[dict[str, Any], dict[str, str]]:
    """Annotations of the service account, and labels of the pods."""
    if "gcp_service_account" in args:
        return {"iam.gke.io/gcp-service-account": args["gcp_service_account"]}, {}
    if "azure_client_id" in args:
        marks = {"azure.workload.identity/client-id": args["azure_client_id"]}
        return marks, {"azure.workload.identity/use": "true"}
    return {}, {}


def verification_policy(
    name: str, declared: declaration.ImageVerification, labels: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest ("ImageValidatingPolicy" of Kyverno's documentation, version v1).

    Digests are asked for, or written into pods alone: a pod template that Kyverno changed would differ from the
    program's. So what makes pods is then not judged itself.
    """
    attestors = _attestors(declared)
    names = ", ".join(f"attestors.{each['name']}" for each in attestors)
    return {
        "apiVersion": "policies.kyverno.io/v1",
        "kind": "ImageValidatingPolicy",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "failurePolicy": "Fail" if declared.enforcement == "enforce" else "Ignore",
            "validationActions": ["Deny"] if declared.enforcement == "enforce" else ["Audit"],
            # Pods are judged as they come; what scans those that run has no identity that reads signatures.
            "evaluation": {"background": {"enabled": False}},
            "webhookConfiguration": {"timeoutSeconds": _WEBHOOK_SECONDS},
            "matchConstraints": {
                "namespaceSelector": {
                    "matchExpressions": [
                        {
                            "key": "kubernetes.io/metadata.name",
                            "operator": "NotIn",
                            "values": declared.excluded_namespaces,
                        }
                    ]
                }
                if declared.excluded_namespaces
                else {},
                "resourceRules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE", "UPDATE"],
                        "resources": ["pods"],
                    }
                ],
            },
            "matchImageReferences": [{"glob": each} for each in declared.images],
            "credentials": {"providers": declared.registry_credentials},
            "validationConfigurations": {
                "mutateDigest": declared.write_digests,
                "verifyDigest": declared.require_digest,
                "required": True,
            },
            **({"autogen": {"podControllers": {"controllers": []}}} if declared.write_digests else {}),
            "attestors": attestors,
            "validations": [
                {
                    "expression": f"images.{kind}.map(image, verifyImageSignatures(image, [{names}])).all(e, e > 0)",
                    "message": f"{what} has no signature of anybody whom {name} names",
                }
                for kind, what in _CONTAINERS.items()
            ],
        },
    }


def _attestors(declared: declaration.ImageVerification) -> list[dict[str, Any]]:
    log = {} if declared.transparency_log else {"ctlog": {"insecureIgnoreTlog": True, "insecureIgnoreSCT": True}}
    found: list[dict[str, Any]] = []
    for key in declared.keys:
        where = {"kms": key.kms} if key.kms is not None else {"data": key.public_key}
        found.append({"name": _identifier(key.name), "cosign": {"key": where, **log}})
    if declared.identities:
        identities = [
            {
                "issuer": each.issuer,
                **({"subject": each.subject} if each.subject else {"subjectRegExp": each.subject_regexp}),
            }
            for each in declared.identities
        ]
        found.append({"name": "keyless", "cosign": {"keyless": {"identities": identities}, **log}})
    for certificate in declared.certificates:
        found.append({"name": _identifier(certificate.name), "notary": {"certs": {"value": certificate.certificate}}})
    return found


def _identifier(name: str) -> str:
    """As CEL takes it: ``attestors.a-b`` would be a difference."""
    return f"by_{name.replace('-', '_')}"
