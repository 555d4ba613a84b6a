"""What becomes of each declared cluster and pool: made anew, with other nodes, gone; and which keys say so.

The keys are those that differ from the earlier plan and that the reviewed tables (``catalog/data/pool_changes.csv``,
``catalog/data/cluster_changes.csv``) know to do it; what really happens is what the plan's resources say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from ..catalog.table import rows
from ..environment.cpu_pool import CpuPool
from ..environment.gpu_pool import GpuPool
from ..resolve.pool_changes import cluster_keys, is_among, keys_that_exchange_nodes, keys_that_recreate
from .declared_values import KeyChange, changed_keys

if TYPE_CHECKING:
    from ..environment.target import Cloud
    from .changes import Change
    from .cluster_lines import ClusterLine
    from .earlier_plan import EarlierDeclaration, EarlierPlan
    from .pool_lines import PoolLine

Outcome = Literal["made_anew", "gone", "refused", "renamed", "new_nodes", "new"]
"""refused: the cloud will not do it, and ``pulumi up`` ends with its error."""

_CLUSTERS = ("aws:eks/cluster:Cluster", "gcp:container/cluster:Cluster", "azure-native:containerservice:ManagedCluster")
_AGENT_POOL = "azure-native:containerservice:AgentPool"
_POOLS = (
    "aws:eks/nodeGroup:NodeGroup",
    "gcp:container/nodePool:NodePool",
    _AGENT_POOL,
    "kubernetes:karpenter.sh/v1:NodePool",
    "kubernetes:cloud.google.com/v1:ComputeClass",
)


@dataclass(frozen=True, slots=True)
class Recreation:
    """Of one declared cluster or pool that is not as it was."""

    path: str
    """In the user's file: ``clusters[west]``, ``clusters[west].gpu_pools[t4]``; of ``system_nodes`` too."""
    cloud: str
    outcome: Outcome
    keys: tuple[KeyChange, ...] = ()
    """That differ and lead to it; empty where no declared key does: then another version of Modelyard decides so."""
    properties: tuple[str, ...] = ()
    """What its cloud cannot change in place, as ``AgentPool.vmSize``."""
    because_of: str | None = None
    """Path of the cluster that takes it along."""
    old_first: bool = False
    """Whether there is nothing from when the old one goes until the new one is there."""
    takes_along: int = 0
    """Of a cluster: pools in it."""
    reserved: bool = False
    """Of a pool that is made anew: whether both take their machines from one reservation."""
    now: str | None = None
    """Of a renamed pool: the new path."""


def recreations_of(
    changes: Sequence[Change],
    parents: Mapping[str, str | None],
    earlier: EarlierPlan,
    clusters: Sequence[ClusterLine],
    pools: Sequence[PoolLine],
) -> Iterator[Recreation]:
    """Clusters first, each with its pools after it; nothing where the earlier plan is of a version that says no keys.

    Args:
        changes: of all resources.
        parents: URN of each resource's parent by URN, of both plans.
        earlier: what was planned before.
        clusters: as declared now.
        pools: the same.
    """
    of = _by_component(changes, parents)
    for name, before in earlier.clusters.items():
        now = next((line for line in clusters if line.name == name), None)
        keys = () if now is None else changed_keys(before.declared, now.declared, f"{before.path}.")
        cluster = _cluster(before, now, keys, of.get(before.component, ()))
        inside = [key for key in earlier.pools if key[0] == name]
        if cluster is not None:
            yield _taking(cluster, len(inside))
        if now is None or (cluster is not None and cluster.outcome == "gone"):
            continue
        yield from _pools(name, earlier, pools, of, cluster, keys)


def _by_component(changes: Iterable[Change], parents: Mapping[str, str | None]) -> dict[str, list[Change]]:
    """Clusters and node pools among the changes, by the name of the component that makes them."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        parent = parents.get(change.urn)
        if change.type in (*_CLUSTERS, *_POOLS) and parent is not None:
            found.setdefault(parent.rpartition("::")[2], []).append(change)
    return found


def _cluster(
    before: EarlierDeclaration, now: ClusterLine | None, keys: tuple[KeyChange, ...], changes: Sequence[Change]
) -> Recreation | None:
    own = [change for change in changes if change.type in _CLUSTERS]
    if now is None:
        there = any(each.kind == "gone" for each in own)
        return Recreation(before.path, before.cloud, "gone") if there else None
    cloud = cast("Cloud", before.cloud)
    makes = _those(keys, before.path, cluster_keys(cloud, "new_cluster"))
    replaced = [change for change in own if change.kind == "replaced"]
    if replaced:
        first = any(change.deleted_first for change in replaced)
        return Recreation(before.path, cloud, "made_anew", makes, _properties(replaced), old_first=first)
    if any(change.kind == "gone" for change in own):
        return Recreation(before.path, cloud, "gone", makes)
    if not now.recreated_by:
        return None  # Somebody else's.
    refused = _those(keys, before.path, cluster_keys(cloud, "refused"))
    told = tuple(f"{_kind(change)}.{path}" for change in own for path in change.refused)
    if told and not refused:
        refused = _those(keys, before.path, cluster_keys(cloud, "new_pools"))
    if refused or told:
        return Recreation(before.path, cloud, "refused", refused, told)
    return None


def _taking(cluster: Recreation, pools: int) -> Recreation:
    return replace(cluster, takes_along=pools) if cluster.outcome in ("made_anew", "gone") else cluster


def _pools(
    name: str,
    earlier: EarlierPlan,
    pools: Sequence[PoolLine],
    of: Mapping[str, Sequence[Change]],
    cluster: Recreation | None,
    cluster_changes: tuple[KeyChange, ...],
) -> Iterator[Recreation]:
    lines = {line.name: line for line in pools if line.cluster == name}
    there = {pool: before for (where, pool), before in earlier.pools.items() if where == name}
    added = [line for pool, line in lines.items() if pool not in there]
    for pool, before in there.items():
        line = lines.get(pool)
        if line is not None:
            found = _pool(before, line, of.get(before.component, ()), cluster, cluster_changes)
        else:
            renamed = next((each for each in added if each.declared == before.declared), None)
            if renamed is not None:
                added.remove(renamed)
            found = _gone(before, pool, renamed)
        if found is not None:
            yield found
    for line in added:
        yield Recreation(line.path, line.cloud, "new")
    yield from _system_nodes(earlier.clusters[name], of, cluster, cluster_changes)


def _gone(before: EarlierDeclaration, pool: str, renamed: PoolLine | None) -> Recreation:
    if renamed is None:
        return Recreation(before.path, before.cloud, "gone")
    name = KeyChange(f"{before.path}.name", pool, renamed.name)
    return Recreation(before.path, before.cloud, "renamed", (name,), now=renamed.path)


def _pool(
    before: EarlierDeclaration,
    line: PoolLine,
    changes: Sequence[Change],
    cluster: Recreation | None,
    cluster_changes: tuple[KeyChange, ...],
) -> Recreation | None:
    cloud, of = line.cloud, GpuPool if line.kind == "gpu_pools" else CpuPool
    keys = changed_keys(before.declared, line.declared, f"{line.path}.")
    groups = [change for change in changes if change.type in _POOLS]
    gone, new = ([change.type for change in groups if change.kind == kind] for kind in ("gone", "new"))
    replaced = [change for change in groups if change.kind == "replaced"]
    if before.provisioner != line.provisioner and gone and new:
        switched = tuple(each for each in keys if each.key == f"{line.path}.provisioner")
        return Recreation(line.path, cloud, "made_anew", switched)
    if replaced:
        held = before.declared.get("reservation.id")
        found = _made_anew(line, keys, replaced, cluster, cluster_changes)
        return replace(found, reserved=held is not None and held == line.declared.get("reservation.id"))
    known = [each.key.removeprefix(f"{line.path}.") for each in keys]
    exchanged = keys_that_exchange_nodes(cloud, known, line.provisioner, of)
    if exchanged:
        return Recreation(line.path, cloud, "new_nodes", _those(keys, line.path, exchanged))
    told = _those(cluster_changes, f"clusters[{line.cluster}]", _of_all_pools(cloud))
    if told and line.provisioner == "managed":
        return Recreation(line.path, cloud, "new_nodes", told)
    return None


def _of_all_pools(cloud: Cloud) -> tuple[str, ...]:
    """Keys of a cluster that exchange the nodes of every pool in it."""
    return tuple(key for key in cluster_keys(cloud, "new_nodes") if not key.startswith("system_nodes."))


def _made_anew(
    line: PoolLine,
    keys: tuple[KeyChange, ...],
    replaced: Sequence[Change],
    cluster: Recreation | None,
    cluster_changes: tuple[KeyChange, ...],
) -> Recreation:
    of = GpuPool if line.kind == "gpu_pools" else CpuPool
    anew = cluster is not None and cluster.outcome == "made_anew"
    own = _those(keys, line.path, keys_that_recreate(line.cloud, line.provisioner, of))
    where = f"clusters[{line.cluster}]"
    effects = cluster_keys(line.cloud, "new_cluster", "new_pools", "refused")
    found = own if own or anew else _those(cluster_changes, where, effects)
    return Recreation(
        line.path,
        line.cloud,
        "made_anew",
        found,
        (_of_agent_pool(found) if line.cloud == "azure" else ()) or _properties(replaced),
        because_of=where if anew else None,
        old_first=any(change.deleted_first for change in replaced),
    )


def _system_nodes(
    before: EarlierDeclaration,
    of: Mapping[str, Sequence[Change]],
    cluster: Recreation | None,
    cluster_changes: tuple[KeyChange, ...],
) -> Iterator[Recreation]:
    """Of the pool that comes with the cluster."""
    groups = [change for change in of.get(before.component, ()) if change.type in _POOLS]
    replaced, path = [change for change in groups if change.kind == "replaced"], f"{before.path}.system_nodes"
    cloud = cast("Cloud", before.cloud)
    if cluster is not None and cluster.outcome == "made_anew":
        return
    if replaced:
        effects = cluster_keys(cloud, "new_system_nodes", "new_pools", "refused")
        keys = _those(cluster_changes, before.path, effects)
        first = any(change.deleted_first for change in replaced)
        yield Recreation(path, cloud, "made_anew", keys, _properties(replaced), old_first=first)
        return
    exchanged = _those(cluster_changes, before.path, cluster_keys(cloud, "new_nodes"))
    if exchanged:
        yield Recreation(path, cloud, "new_nodes", exchanged)


def _those(keys: Iterable[KeyChange], path: str, known: Iterable[str]) -> tuple[KeyChange, ...]:
    fields = tuple(known)
    return tuple(each for each in keys if is_among(each.key.removeprefix(f"{path}."), fields))


def _properties(changes: Iterable[Change]) -> tuple[str, ...]:
    found = {f"{_kind(change)}.{path}" for change in changes for path in change.paths or change.properties}
    return tuple(sorted(found))


def _of_agent_pool(keys: Iterable[KeyChange]) -> tuple[str, ...]:
    """What AKS would refuse to change: the pool's name, which does change, is made of all of it."""
    told = {
        row["property"]
        for table in ("pool_changes.csv", "cluster_changes.csv")
        for row in rows(table)
        for each in keys
        if row["type"] == _AGENT_POOL and is_among(each.key.rpartition("].")[2], [row["field"]])
    }
    return tuple(sorted(f"AgentPool.{each}" for each in told))


def _kind(change: Change) -> str:
    return change.type.rpartition(":")[2]
