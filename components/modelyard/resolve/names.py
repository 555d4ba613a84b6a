"""Physical names: one written rule for each thing that people or other systems type."""

from __future__ import annotations

from hashlib import sha256

SYSTEM_POOL = "system"
"""Value of the label modelyard.dev/pool on the nodes for what the cluster itself runs."""


def cluster_name(environment: str, cluster: str) -> str:
    """EKS cluster: ``<environment>-<cluster>``, at most 41 of the 100 characters that EKS allows."""
    return f"{environment}-{cluster}"


def disk_encryption_set_id(subscription_id: str, resource_group: str, cluster: str) -> str:
    """Of a cluster of AKS whose disks have a key that is made: the set is named as the cluster."""
    group = f"/subscriptions/{subscription_id}/resourceGroups/{resource_group}"
    return f"{group}/providers/Microsoft.Compute/diskEncryptionSets/{cluster}"


def bucket_name(organization: str, environment: str, region: str) -> str:
    """Model store: ``<organization>-<environment>-models-<region>``; S3 allows 63 characters."""
    return f"{organization}-{environment}-models-{region}"


def azure_name(environment: str, location: str) -> str:
    """Workspace of Azure Machine Learning: ``<environment>-<location>``; Azure allows 33 characters."""
    return f"{environment}-{location}"


def repository_name(environment: str, repository: str) -> str:
    """Image repository: ``<environment>/<repository>``; ECR allows 256 characters."""
    return f"{environment}/{repository}"


def google_repository(environment: str, repository: str) -> str:
    """Docker repository of Artifact Registry: ``<environment>-<repository>``; Google allows 63 characters."""
    return f"{environment}-{repository}"


def google_account(name: str, purpose: str) -> str:
    """Service account of Google Cloud: ``<name>-<purpose>``, at most 30 lower-case letters, digits and hyphens; a
    longer one keeps its beginning and gets six digits of the whole."""
    whole = f"{name}-{purpose}"
    if len(whole) <= 30:
        return whole
    return f"{whole[:23].rstrip('-')}-{sha256(whole.encode()).hexdigest()[:6]}"


def acr_name(organization: str, environment: str, location: str) -> str:
    """Azure Container Registry: the three without hyphens, and six digits of all; Azure allows 50 letters and digits,
    unique in the world."""
    return _globally_unique(44, organization, environment, location)


def storage_account_name(organization: str, environment: str, location: str) -> str:
    """Model store on Azure: as :func:`acr_name`, in the 24 letters and digits that Azure allows."""
    return _globally_unique(18, organization, environment, location)


def _globally_unique(room: int, *parts: str) -> str:
    digest = sha256("/".join(parts).encode()).hexdigest()[:6]
    return "".join(parts).replace("-", "")[:room] + digest


def budget_name(environment: str, department: str) -> str:
    """AWS budget: ``<environment>-<department>``; 100 characters are allowed."""
    return f"{environment}-{department}"


def hostname(model: str, cluster: str, domain: str) -> str:
    """Where a model answers: ``<model>.<cluster>.<domain>``."""
    return f"{model}.{cluster}.{domain}"


REGISTRY_PREFIX = "registry:"
"""Begins an image of the environment's own registry, ``registry:<repository>:<tag>``; its address is known only when
the repository exists."""
