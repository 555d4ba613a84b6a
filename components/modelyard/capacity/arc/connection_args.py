"""Arguments of the ArcConnection component; they mirror the declarations in ``environment/arc.py``."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi

from ...governance.ownership import OwnershipArgs


class ClusterExtensionArgs(TypedDict):
    """Something that Azure installs in the cluster and keeps up to date."""

    type: str
    """For example microsoft.azuremonitor.containers, microsoft.azure-policy or microsoft.flux."""
    version: NotRequired[str]
    """Default: the newest of the release train, and Azure changes it by itself."""
    release_train: NotRequired[str]
    """Default: Stable."""
    namespace: NotRequired[str]
    """Kubernetes namespace of its release. Default: the extension's own."""
    settings: NotRequired[Mapping[str, str]]
    """Values of its chart; no secrets. Default: none."""


class FluxSourceArgs(TypedDict):
    """A folder of a Git repository that Flux keeps the cluster like."""

    url: str
    """Repository, over HTTPS; a public one."""
    branch: NotRequired[str]
    """Default: main."""
    path: NotRequired[str]
    """Folder with manifests or a kustomization. Default: the repository's root."""
    prune: NotRequired[bool]
    """Whether objects go whose manifests are gone. Default: true."""
    interval_seconds: NotRequired[int]
    """The repository is looked at so often. Default: 600."""


class ArcConnectionArgs(TypedDict):
    """How a cluster on one's own premises is known to Azure (Azure Arc-enabled Kubernetes)."""

    cluster_name: str
    """Name of its record in Azure."""
    resource_group: pulumi.Input[str]
    """Resource group of the record."""
    location: str
    """Azure location that holds its record."""
    agent_public_key: str
    """Base64 public key of the agents that run in the cluster; their private key stays there."""
    extensions: NotRequired[Mapping[str, ClusterExtensionArgs]]
    """By name, what Azure installs there. Azure ML's is managed.azure.arc_clusters. Default: nothing."""
    flux: NotRequired[FluxSourceArgs]
    """What Flux keeps the cluster like. Default: nothing."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
