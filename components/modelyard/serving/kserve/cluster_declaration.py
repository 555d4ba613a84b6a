"""Arguments of what KServe needs of a cluster once, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from ...environment.declaration import Declaration
from ...environment.names import PoolName
from ...environment.patterns import NAME_PATTERN
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from .cluster_args import KServeClusterArgs
from .model_cache import node_group
from .storage_container import storage_container


class NodeGroupDeclaration(Declaration):
    """Nodes of one pool that keep models on their own disks."""

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
    pool: PoolName
    storage_gib: Annotated[float, Field(gt=0, le=65536)]
    path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)+$")] = "/var/lib/modelyard/models"
    storage_class: str = ""


class KServeClusterDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.kserve.cluster_args.KServeClusterArgs`."""

    ownership: Mapping[str, Any]
    storage_initializer_image: Any = None
    node_groups: list[NodeGroupDeclaration] = []

    @model_validator(mode="after")
    def _each_once(self) -> KServeClusterDeclaration:
        names = [group.name for group in self.node_groups]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"node_groups names {twice[0]!r} more than once; rename one")
        return self


def cluster_declaration(name: str, args: KServeClusterArgs) -> KServeClusterDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(KServeClusterDeclaration, args, KServeClusterArgs, f"KServeCluster {name}")


def cluster_manifests(declared: KServeClusterDeclaration) -> list[dict[str, Any]]:
    """ClusterStorageContainer and LocalModelNodeGroups.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    labels = Ownership.of(ownership).kubernetes_labels()
    groups = [
        node_group(
            each.name,
            labels,
            pool=each.pool,
            storage_gib=each.storage_gib,
            path=each.path,
            storage_class=each.storage_class,
        )
        for each in declared.node_groups
    ]
    return [storage_container(labels, declared.storage_initializer_image), *groups]
