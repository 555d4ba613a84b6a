"""How a server's pods prove to a cloud who they are, without a key: by the service account that they run as.

Follows "EKS Pod Identity" of the EKS user guide, "Authenticate to Google Cloud APIs from GKE workloads" of the GKE
documentation and "Microsoft Entra Workload ID" of the AKS documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...capacity.software.pod_identity_guard import NEEDS_IDENTITY

_LINK_LOCAL_OF_GKE = [(988, ("169.254.169.252/32",)), (80, ("169.254.169.254/32",))]
"""GKE's metadata server, without and with Dataplane V2 (GKE documentation, "Network policy and Workload Identity
Federation for GKE")."""
_LINK_LOCAL_OF_EKS = [(80, ("169.254.170.23/32", "fd00:ec2::23/128"))]
"""EKS Pod Identity agent (EKS user guide, "EKS Pod Identity Agent")."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Identities in the clouds. Values may be Pulumi outputs."""

    aws: bool = False
    """Whether pods are given AWS credentials by EKS Pod Identity."""
    gcp: bool = False
    """Whether pods ask GKE's metadata server for Google Cloud credentials."""
    gcp_service_account: Any = None
    """E-mail address of the Google Cloud service account to act as; None: the Kubernetes service account is a principal
    of its own."""
    azure_client_id: Any = None
    """Client id of the managed identity that is federated with the service account."""


NO_IDENTITY = Identity()
"""Pods prove nothing: somebody else sees to it that they can read."""


def account_annotations(identity: Identity) -> dict[str, Any]:
    """Annotations of the Kubernetes service account."""
    annotations: dict[str, Any] = {}
    if identity.gcp_service_account is not None:
        annotations["iam.gke.io/gcp-service-account"] = identity.gcp_service_account
    if identity.azure_client_id is not None:
        annotations["azure.workload.identity/client-id"] = identity.azure_client_id
    return annotations


def pod_identity_labels(identity: Identity) -> dict[str, str]:
    """Labels of the pods: what AKS's webhook looks for, and what keeps a pod from starting without AWS credentials."""
    return {
        **(NEEDS_IDENTITY if identity.aws else {}),
        **({"azure.workload.identity/use": "true"} if identity.azure_client_id is not None else {}),
    }


def metadata_addresses(identity: Identity) -> list[tuple[int, tuple[str, ...]]]:
    """Ports and link-local addresses that credentials come from; AKS exchanges tokens over HTTPS instead."""
    return (_LINK_LOCAL_OF_EKS if identity.aws else []) + (_LINK_LOCAL_OF_GKE if identity.gcp else [])
