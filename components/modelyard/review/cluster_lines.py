"""Which changes of a cluster's declaration make another cluster, known before anybody makes one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..environment.cluster import SERVICE
from ..resolve.pool_changes import cluster_keys
from .declared_values import declared_values

if TYPE_CHECKING:
    from ..environment.target import Cloud
    from ..resolve.resolved import Resolution


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """A declared cluster, without its pools."""

    name: str
    cloud: Cloud
    component: str
    """Name of the component that makes or reads it."""
    recreated_by: tuple[str, ...]
    """Keys whose change makes another cluster: everything in this one goes. Empty of an existing one."""
    pools_recreated_by: tuple[str, ...]
    """Keys whose change makes its node pools anew."""
    refused: tuple[str, ...]
    """Keys whose change the cloud refuses in a cluster that is there."""
    zones: tuple[str, ...] = ()
    """Of a network that is made."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """What it says beyond defaults, by key."""


def cluster_lines(resolution: Resolution) -> tuple[ClusterLine, ...]:
    """In the order of their declarations."""
    return tuple(
        ClusterLine(
            cluster.declared.name,
            cluster.declared.cloud,
            cluster.physical_name,
            () if cluster.declared.existing is not None else cluster_keys(cluster.declared.cloud, "new_cluster"),
            cluster_keys(cluster.declared.cloud, "new_pools", "new_system_nodes"),
            cluster_keys(cluster.declared.cloud, "refused"),
            cluster.zones,
            declared_values(cluster.declared, without=("name", "gpu_pools", "cpu_pools")),
        )
        for cluster in resolution.clusters
    )


def cluster_sentences(lines: Iterable[ClusterLine]) -> Iterator[str]:
    """Of all clusters of one cloud: what makes another of them, and what none of them can change."""
    alike: dict[tuple[Cloud, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for line in lines:
        if line.recreated_by:
            alike.setdefault((line.cloud, line.recreated_by, line.refused), []).append(line.name)
    for (cloud, keys, refused), names in alike.items():
        yield (
            f"{SERVICE[cloud]} makes another cluster, and everything in the old one goes, when one of these keys of "
            f"{', '.join(names)} changes: {', '.join(keys)}; it refuses a change of {', '.join(refused)}"
        )
