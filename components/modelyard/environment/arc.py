"""A cluster of one's own that Azure knows (Azure Arc-enabled Kubernetes)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .declaration import Declaration
from .patterns import (
    ARC_EXTENSION_PATTERN,
    AZURE_GROUP_PATTERN,
    AZURE_LOCATION_PATTERN,
    HTTPS_PATTERN,
    NAME_PATTERN,
    ONE_LINE_PATTERN,
    UUID_PATTERN,
)


class ClusterExtension(Declaration):
    """Something that Azure installs in the cluster and keeps up to date."""

    type: Annotated[str, StringConstraints(pattern=ARC_EXTENSION_PATTERN, max_length=100)]
    """For example microsoft.azuremonitor.containers, microsoft.azure-policy or microsoft.flux."""
    version: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=40)] | None = None
    """Default: the newest of the release train, and Azure changes it by itself."""
    release_train: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=40)] = "Stable"
    namespace: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)] | None = None
    """Kubernetes namespace of its release. Default: the extension's own."""
    settings: dict[str, str] = {}
    """Values of its chart; no secrets."""


class FluxSource(Declaration):
    """A folder of a Git repository that Flux keeps the cluster like."""

    url: Annotated[str, StringConstraints(pattern=HTTPS_PATTERN, max_length=512)]
    """Repository, over HTTPS; a public one."""
    branch: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=200)] = "main"
    path: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=512)] = "./"
    """Folder with manifests or a kustomization."""
    prune: bool = True
    """Whether objects go whose manifests are gone."""
    interval_seconds: Annotated[int, Field(ge=60, le=86400)] = 600
    """The repository is looked at so often."""


class ArcConnection(Declaration):
    """How a cluster on one's own premises is known to Azure (Azure Arc-enabled Kubernetes)."""

    resource_group: Annotated[str, StringConstraints(pattern=AZURE_GROUP_PATTERN)]
    location: Annotated[str, StringConstraints(pattern=AZURE_LOCATION_PATTERN)]
    """Azure location that holds its record."""
    subscription_id: Annotated[str, StringConstraints(pattern=UUID_PATTERN)] | None = None
    """Default: managed.azure.subscription_id."""
    agent_public_key: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=4096)]
    """Base64 public key of the agents that run in the cluster; their private key stays there."""
    extensions: dict[Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)], ClusterExtension] = {}
    """By name, what Azure installs there. Azure ML's is managed.azure.arc_clusters."""
    flux: FluxSource | None = None
    """What Flux keeps the cluster like. Default: nothing."""
