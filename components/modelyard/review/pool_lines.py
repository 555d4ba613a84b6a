"""Which changes of a pool's declaration make a new pool, known before anybody makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..environment.cluster import SERVICE
from ..resolve.pool_changes import keys_that_recreate
from .declared_values import declared_values

if TYPE_CHECKING:
    from ..environment.cluster import Cluster
    from ..environment.cpu_pool import CpuPool
    from ..environment.gpu_pool import GpuPool
    from ..environment.target import Cloud
    from ..resolve.resolved import Resolution


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A declared pool of a cluster."""

    cluster: str
    name: str
    cloud: Cloud
    provisioner: str
    """Who brings its nodes, as declared: ``managed``, ``karpenter``, ``auto_mode`` or ``compute_class``."""
    recreated_by: tuple[str, ...]
    """Keys of the declaration whose change makes a new pool before the old one is drained, as ``sharing.mig``."""
    zones: tuple[str, ...] = ()
    """As declared; empty: all of the cluster's. Node groups say it by subnets, which nobody knows before they exist."""
    kind: Literal["gpu_pools", "cpu_pools"] = "gpu_pools"
    """Key of the cluster that it is declared in."""
    component: str = ""
    """Name of the component that makes it."""
    declared: Mapping[str, Any] = field(default_factory=dict)
    """What it says beyond defaults, by key."""

    @property
    def path(self) -> str:
        """In the user's file, as ``clusters[east].gpu_pools[t4]``."""
        return f"clusters[{self.cluster}].{self.kind}[{self.name}]"


def pool_lines(resolution: Resolution) -> tuple[PoolLine, ...]:
    """The pools of every cluster: those with GPUs first, in the order of their declarations."""
    # On AKS a cluster's settings of nodes have come into its pools since they were read.
    as_written = {
        (cluster.name, pool.name): pool
        for cluster in resolution.environment.platform.clusters
        for pool in (*cluster.gpu_pools, *cluster.cpu_pools)
    }
    return tuple(
        PoolLine(
            cluster.declared.name,
            pool.name,
            cluster.declared.cloud,
            pool.provisioner,
            keys_that_recreate(cluster.declared.cloud, pool.provisioner, of=type(pool)),
            tuple(pool.zones or ()),
            kind,
            f"{cluster.physical_name}-{pool.name}",
            declared_values(as_written.get((cluster.declared.name, pool.name), pool), without=("name",)),
        )
        for cluster in resolution.clusters
        for kind, pools in _KINDS
        for pool in pools(cluster.declared)
    )


_KINDS: tuple[tuple[Literal["gpu_pools", "cpu_pools"], Callable[[Cluster], Sequence[GpuPool | CpuPool]]], ...] = (
    ("gpu_pools", lambda cluster: cluster.gpu_pools),
    ("cpu_pools", lambda cluster: cluster.cpu_pools),
)


def recreation_sentences(lines: Iterable[PoolLine]) -> Iterator[str]:
    """One sentence for all pools that the same keys make anew."""
    alike: dict[tuple[Cloud, tuple[str, ...]], list[str]] = {}
    for line in lines:
        alike.setdefault((line.cloud, line.recreated_by), []).append(f"{line.cluster}/{line.name}")
    for (cloud, keys), pools in alike.items():
        yield (
            f"{SERVICE[cloud]} makes a new pool, and drains the old one after it, when one of these keys of "
            f"{', '.join(pools)} changes: {', '.join(keys)}"
        )
