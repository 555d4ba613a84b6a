"""Who runs where: workloads on node pools, at the floor of replicas and at the maximum."""

from __future__ import annotations

from collections.abc import Iterable

from modelyard.graph import ResourceGraph
from modelyard.placement.nodes import Nodes
from modelyard.placement.placement import At, Fill, Misfit, Placement, PoolPlacement, Resident, Undetermined
from modelyard.placement.pool import Pool, pools
from modelyard.placement.scheduling import preference, refusals
from modelyard.placement.workload import Workload, workloads

_CLOUD_MAKES_NODES = "kubernetes:karpenter.sh/v1:NodePool"


def place(*graphs: ResourceGraph) -> Placement:
    """Place every workload of the graphs on their node groups, deterministically (first fit, largest first).

    The guaranteed replicas go to the pool that the ``modelyard.dev/pool`` annotation names, further ones to the
    pools that the node affinity prefers. A node group never grows past its ``maxSize``. What the scheduler knows
    and a plan does not (zones, pods of Helm charts, pods running already) is left out and said in ``notes``.
    """
    found = [pool for graph in graphs for pool in pools(graph)]
    candidates = _Candidates(found)
    placed: list[Workload] = []
    undetermined: list[Undetermined] = []
    for workload in _largest_first(each for graph in graphs for each in workloads(graph)):
        why = candidates.unknown(workload)
        if why:
            undetermined.append(Undetermined(workload.urn, workload.name, why))
        else:
            placed.append(workload)
    floor = _Round("floor", candidates)
    most = _Round("max", candidates)
    for workload in placed:
        floor.guaranteed(workload, workload.replicas_floor or 0)
        most.guaranteed(workload, workload.replicas_floor or 0)
    for workload in placed:
        most.further(workload, (workload.replicas_max or 0) - (workload.replicas_floor or 0))
    by_urn = {workload.urn: workload for workload in placed}
    return Placement(
        pools=tuple(_outcome(pool, by_urn, floor, most) for pool in found),
        misfits=tuple(floor.misfits + most.misfits),
        undetermined=tuple(undetermined),
        blocked={"floor": floor.blocked(placed), "max": most.blocked(placed)},
        notes=tuple(_notes(graphs)),
    )


class _Candidates:
    """Which pools a workload may use, and in which order."""

    def __init__(self, found: list[Pool]) -> None:
        self.found = found
        self._by_cluster: dict[str | None, list[Pool]] = {}
        self._fitting: dict[str, list[Pool]] = {}
        for pool in found:
            self._by_cluster.setdefault(pool.cluster, []).append(pool)

    def unknown(self, workload: Workload) -> str | None:
        """Why a plan cannot say where the workload runs, or None."""
        if workload.requests is None:
            return "a resource request is not known before the deployment"
        if workload.replicas_floor is None or workload.replicas_max is None:
            return "the number of replicas is not known before the deployment"
        if workload.cluster is None and len(self._by_cluster) != 1:
            return "its pod template does not say which cluster it runs on (annotation modelyard.dev/cluster)"
        if not self.of(workload):
            return f"the node pools of cluster {workload.cluster} are in another stack"
        usable = self.fitting(workload)
        if usable and not any(pool.room for pool in usable):
            kinds = ", ".join(sorted(pool.instance_type or "not known yet" for pool in usable))
            return f"the room on its nodes is not known (instance type: {kinds})"
        return None

    def of(self, workload: Workload) -> list[Pool]:
        if workload.cluster is None:
            return self.found
        return self._by_cluster.get(workload.cluster, [])

    def fitting(self, workload: Workload) -> list[Pool]:
        if workload.urn not in self._fitting:
            self._fitting[workload.urn] = [pool for pool in self.of(workload) if not refusals(workload, pool)]
        return self._fitting[workload.urn]

    def guaranteed(self, workload: Workload) -> list[Pool]:
        return sorted(
            self.fitting(workload),
            key=lambda pool: (pool.name != workload.pool, -preference(workload, pool), pool.spot),
        )

    def further(self, workload: Workload) -> list[Pool]:
        return sorted(
            self.fitting(workload),
            key=lambda pool: (-preference(workload, pool), pool.name != workload.pool, pool.spot),
        )


class _Round:
    """One placement of all workloads, at the floor of replicas or at the maximum."""

    def __init__(self, at: At, candidates: _Candidates) -> None:
        self.at: At = at
        self.nodes = {pool.urn: Nodes(pool.room, pool.max_size) for pool in candidates.found if pool.room is not None}
        self.residents: dict[str, dict[str, int]] = {pool.urn: {} for pool in candidates.found}
        self.misfits: list[Misfit] = []
        self._candidates = candidates

    def guaranteed(self, workload: Workload, replicas: int) -> None:
        self._put(workload, replicas, self._candidates.guaranteed(workload), report=self.at == "floor")

    def further(self, workload: Workload, replicas: int) -> None:
        self._put(workload, replicas, self._candidates.further(workload), report=True)

    def blocked(self, placed: list[Workload]) -> dict[str, tuple[str, ...]]:
        """By pool URN, the workloads whose rollout would wait for ever: no room for one more pod anywhere."""
        found: dict[str, list[str]] = {}
        for workload in placed:
            replicas = (workload.replicas_floor if self.at == "floor" else workload.replicas_max) or 0
            usable = self._candidates.guaranteed(workload)
            if not usable or not workload.waits_for_surge(replicas) or workload.requests is None:
                continue
            wanted = min(1, workload.surge(replicas))
            free = any(
                pool.urn in self.nodes and self.nodes[pool.urn].free(workload.requests, wanted) >= wanted
                for pool in usable
            )
            if not free or not wanted:
                found.setdefault(usable[0].urn, []).append(workload.urn)
        return {urn: tuple(urns) for urn, urns in found.items()}

    def _put(self, workload: Workload, replicas: int, order: list[Pool], *, report: bool) -> None:
        left = replicas
        for pool in order:
            if left <= 0 or workload.requests is None:
                break
            nodes = self.nodes.get(pool.urn)
            if nodes is None:
                continue
            count = nodes.put(workload.requests, left)
            if count:
                here = self.residents[pool.urn]
                here[workload.urn] = here.get(workload.urn, 0) + count
            left -= count
        if left > 0 and report:
            self.misfits.append(
                Misfit(
                    urn=workload.urn,
                    name=workload.name,
                    cluster=workload.cluster,
                    replicas=left,
                    at=self.at,
                    reasons=tuple(self._reasons(workload, order)),
                )
            )

    def _reasons(self, workload: Workload, order: list[Pool]) -> Iterable[str]:
        usable = {pool.urn for pool in order}
        for pool in self._candidates.of(workload):
            if pool.urn in usable:
                yield f"{pool.name}: no room left on its {pool.max_size} nodes (maxSize)"
            else:
                yield f"{pool.name}: {'; '.join(refusals(workload, pool))}"


def _outcome(pool: Pool, placed: dict[str, Workload], floor: _Round, most: _Round) -> PoolPlacement:
    at_floor, at_max = floor.nodes.get(pool.urn), most.nodes.get(pool.urn)
    here, there = floor.residents[pool.urn], most.residents[pool.urn]
    needed = at_floor.opened if at_floor else None
    running = None if needed is None or pool.desired_size is None else max(needed, pool.desired_size)
    running_at_max = None if at_max is None or running is None else max(at_max.opened, running)
    return PoolPlacement(
        pool=pool,
        nodes_needed_at_floor=needed,
        nodes_at_floor=running,
        nodes_at_max=running_at_max,
        fill_at_floor=Fill.of(pool, at_floor, running),
        fill_at_max=Fill.of(pool, at_max, running_at_max),
        residents=tuple(
            Resident(placed[urn], here.get(urn, 0), there.get(urn, 0)) for urn in dict.fromkeys((*here, *there))
        ),
    )


def _largest_first(found: Iterable[Workload]) -> list[Workload]:
    def size(workload: Workload) -> tuple[int, int, int, str]:
        asked = workload.requests
        if asked is None:
            return (0, 0, 0, workload.urn)
        return (-asked.gpus, -asked.memory_mib, -asked.cpu_millicores, workload.urn)

    return sorted(found, key=size)


def _notes(graphs: Iterable[ResourceGraph]) -> Iterable[str]:
    releases = [r for graph in graphs for r in graph if r.type.startswith("kubernetes:helm.sh/")]
    if releases:
        names = ", ".join(sorted({release.name for release in releases}))
        yield f"pods that Helm charts create are not placed: {names}"
    if any(graph.of_type(_CLOUD_MAKES_NODES) for graph in graphs):
        yield "nodes that Karpenter starts on demand are not counted: only node groups are"
