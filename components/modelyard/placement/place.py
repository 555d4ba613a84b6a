"""Who runs where: workloads on node pools, at the floor of replicas and at the maximum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from modelyard.graph import ResourceGraph
from modelyard.placement.kserve import LOCAL_MODEL_CACHE, LOCAL_MODEL_NAMESPACE_CACHE
from modelyard.placement.misfit_reasons import misfit_reasons, some
from modelyard.placement.nodes import Nodes
from modelyard.placement.placement import (
    At,
    Fill,
    FloorNodes,
    Misfit,
    Placement,
    PoolPlacement,
    Resident,
    Undetermined,
)
from modelyard.placement.pool import Pool
from modelyard.placement.pools import pools
from modelyard.placement.priority import prioritized
from modelyard.placement.requests import Requests
from modelyard.placement.scheduling import admits, holds, preference
from modelyard.placement.seldon import SERVER
from modelyard.placement.waiting import Followed, apart, follow
from modelyard.placement.workload import Workload

_BROUGHT_ALONG = {
    (LOCAL_MODEL_CACHE, LOCAL_MODEL_NAMESPACE_CACHE): (
        "jobs that KServe's model cache downloads models by run on the nodes of its groups for a while and are not "
        "placed"
    ),
    (SERVER,): "Seldon's own containers in a Server's pods come from its ServerConfig and are not counted",
}
"""What controllers add and no plan holds."""


def place(*graphs: ResourceGraph) -> Placement:
    """Place every workload of the graphs on their node groups, deterministically (first fit, largest first).

    The guaranteed replicas go to the pool that the ``modelyard.dev/pool`` annotation names, further ones to the
    pools that the node affinity prefers. A node group never grows past its ``maxSize``. What the scheduler knows
    and a plan does not (zones, pods of Helm charts, pods running already) is left out and said in ``notes``.
    """
    candidates, placed, undetermined = _prepared(graphs)
    floor = _Round("floor", candidates)
    most = _Round("max", candidates)
    for workload in placed:
        floor.guaranteed(workload, workload.replicas_floor or 0)
        most.guaranteed(workload, workload.replicas_floor or 0)
    for workload in placed:
        most.further(workload, (workload.replicas_max or 0) - (workload.replicas_floor or 0))
    by_key = {workload.key: workload for workload in placed}
    followed = follow(candidates.arriving(placed), candidates.fitting)
    return Placement(
        pools=tuple(_outcome(pool, by_key, floor, most) for pool in candidates.found),
        misfits=tuple(floor.misfits + most.misfits),
        undetermined=tuple(undetermined),
        blocked={"floor": floor.blocked(placed), "max": most.blocked(placed)},
        notes=(*_notes(graphs, candidates.found, placed), *_unfollowed(followed)),
        waiting=followed.waiting,
    )


class Floors:
    """Placements of other floors than the highest: of those of one hour of the week."""

    def __init__(self, *graphs: ResourceGraph) -> None:
        self._candidates, placed, _ = _prepared(graphs)
        self._together: dict[str, tuple[list[Pool], list[Workload]]] = {
            pool.key: (pools, members) for pools, members in apart(placed, self._candidates.fitting) for pool in pools
        }

    def bearing_on(self, pool: str) -> tuple[tuple[str, str], ...]:
        """Keys of the workloads that the nodes of a pool depend on, by its URN: those that may use it, and those that
        may use what one of these may, and so on."""
        _, members = self._together.get(pool, ([], []))
        return tuple(workload.key for workload in members)

    def at(self, pool: str, replicas: Mapping[tuple[str, str], int]) -> dict[str, FloorNodes]:
        """Nodes of a pool, by its URN, and of those that it has workloads in common with, when every workload has its
        highest floor, but those that are named, by their ``key``, have so many replicas. A pool whose room is not known
        is left out, and so is one that no workload may use."""
        pools, members = self._together.get(pool, ([], []))
        floor = _Round("floor", self._candidates, pools)
        for workload in members:
            floor.guaranteed(workload, replicas.get(workload.key, workload.replicas_floor or 0))
        by_key = {workload.key: workload for workload in members}
        return {
            urn: FloorNodes(
                nodes.opened,
                tuple(Resident(by_key[key], count, count) for key, count in floor.residents[urn].items()),
            )
            for urn, nodes in floor.nodes.items()
        }


def _prepared(graphs: Iterable[ResourceGraph]) -> tuple[_Candidates, list[Workload], list[Undetermined]]:
    """The pools, the workloads that can be placed, largest first, and those of which a plan cannot say where they
    run."""
    graphs = tuple(graphs)
    placed: list[Workload] = []
    undetermined: list[Undetermined] = []
    arriving = prioritized(graphs)
    candidates = _Candidates(
        [pool for graph in graphs for pool in pools(graph)],
        {workload.key: position for position, workload in enumerate(arriving)},
    )
    for workload in _largest_first(arriving):
        why = candidates.unknown(workload)
        if why:
            undetermined.append(Undetermined(workload.urn, workload.name, why))
        else:
            placed.append(workload)
    return candidates, placed, undetermined


class _Candidates:
    """Which pools a workload may use, and in which order."""

    def __init__(self, found: list[Pool], arrival: Mapping[tuple[str, str], int]) -> None:
        self.found = found
        self._arrival = arrival
        self._by_cluster: dict[str | None, list[Pool]] = {}
        self._asked: dict[tuple[str, str], str] = {}
        self._admitted_by: dict[str, list[Pool]] = {}
        self._fitting: dict[tuple[str, str], list[Pool]] = {}
        self._alike: dict[tuple[str, Requests | None], list[Pool]] = {}
        self._orders: dict[tuple[object, ...], list[Pool]] = {}
        for pool in found:
            self._by_cluster.setdefault(pool.cluster, []).append(pool)

    def unknown(self, workload: Workload) -> str | None:
        """Why a plan cannot say where the workload runs, or None."""
        if workload.requests is None:
            return "a resource request or claim of its pods is not known before the deployment"
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

    def arriving(self, placed: list[Workload]) -> list[Workload]:
        """In the program's order."""
        return sorted(placed, key=lambda each: self._arrival[each.key])

    def fitting(self, workload: Workload) -> list[Pool]:
        """One list for all workloads that ask for the same."""
        if workload.key not in self._fitting:
            asks = (self._asks(workload), workload.requests)
            if asks not in self._alike:
                self._alike[asks] = [pool for pool in self._admitted(workload) if holds(workload, pool)]
            self._fitting[workload.key] = self._alike[asks]
        return self._fitting[workload.key]

    def guaranteed(self, workload: Workload) -> list[Pool]:
        return self._ordered(
            "guaranteed",
            workload,
            lambda pool: (pool.name != workload.pool, -preference(workload, pool), pool.spot),
        )

    def further(self, workload: Workload) -> list[Pool]:
        return self._ordered(
            "further",
            workload,
            lambda pool: (-preference(workload, pool), pool.name != workload.pool, pool.spot),
        )

    def _admitted(self, workload: Workload) -> list[Pool]:
        """By labels and taints; many workloads ask for the same."""
        asks = self._asks(workload)
        if asks not in self._admitted_by:
            self._admitted_by[asks] = [pool for pool in self.of(workload) if admits(workload, pool)]
        return self._admitted_by[asks]

    def _asks(self, workload: Workload) -> str:
        if workload.key not in self._asked:
            self._asked[workload.key] = repr(
                (workload.cluster, workload.node_selector, workload.required_terms, workload.tolerations)
            )
        return self._asked[workload.key]

    def _ordered(self, when: str, workload: Workload, rank: Callable[[Pool], tuple[int | bool, ...]]) -> list[Pool]:
        asks = (when, self._asks(workload), workload.requests, workload.pool, repr(workload.preferred_terms))
        if asks not in self._orders:
            self._orders[asks] = sorted(self.fitting(workload), key=rank)
        return self._orders[asks]


class _Round:
    """One placement of all workloads, at the floor of replicas or at the maximum."""

    def __init__(self, at: At, candidates: _Candidates, among: Sequence[Pool] | None = None) -> None:
        among = candidates.found if among is None else among
        self.at: At = at
        self.nodes = {pool.key: Nodes(pool.room, pool.max_size) for pool in among if pool.room is not None}
        self.residents: dict[str, dict[tuple[str, str], int]] = {pool.key: {} for pool in among}
        self.misfits: list[Misfit] = []
        self._candidates = candidates
        self._full: set[tuple[str, Requests]] = set()
        """Pools that have no room for one more of such pods."""

    def guaranteed(self, workload: Workload, replicas: int) -> None:
        self._put(workload, replicas, self._candidates.guaranteed(workload), report=self.at == "floor")

    def further(self, workload: Workload, replicas: int) -> None:
        self._put(workload, replicas, self._candidates.further(workload), report=True)

    def blocked(self, placed: list[Workload]) -> dict[str, tuple[str, ...]]:
        """By pool URN, the workloads whose rollout would wait for ever: no room anywhere for one more pod, or, where a
        release runs beside all that serve, for as many again."""
        found: dict[str, list[str]] = {}
        room: dict[tuple[int, Requests, int], bool] = {}
        for workload in placed:
            replicas = (workload.replicas_floor if self.at == "floor" else workload.replicas_max) or 0
            usable = self._candidates.guaranteed(workload)
            if not usable or not workload.waits_for_surge(replicas) or workload.requests is None:
                continue
            surge = workload.surge(replicas)
            wanted = surge if workload.beside else min(1, surge)
            # No pod comes or goes here, and those that are alike find the same.
            alike = (id(self._candidates.fitting(workload)), workload.requests, wanted)
            if alike not in room:
                room[alike] = self._has_room(usable, workload.requests, wanted)
            if not wanted or not room[alike]:
                here = found.setdefault(usable[0].key, [])
                if workload.urn not in here:
                    here.append(workload.urn)
        return {urn: tuple(urns) for urn, urns in found.items()}

    def _has_room(self, usable: list[Pool], asked: Requests, wanted: int) -> bool:
        for pool in usable:
            nodes = self.nodes.get(pool.key)
            if nodes is not None and wanted > 0:
                wanted -= nodes.free(asked, wanted)
        return wanted <= 0

    def _put(self, workload: Workload, replicas: int, order: list[Pool], *, report: bool) -> None:
        left = replicas
        for pool in order:
            if left <= 0 or workload.requests is None:
                break
            nodes = self.nodes.get(pool.key)
            if nodes is None or (pool.key, workload.requests) in self._full:
                continue
            count = nodes.put(workload.requests, left, 1 if workload.apart else None)
            if count < left and not workload.apart:
                self._full.add((pool.key, workload.requests))
            if count:
                here = self.residents[pool.key]
                here[workload.key] = here.get(workload.key, 0) + count
            left -= count
        if left > 0 and report:
            self.misfits.append(
                Misfit(
                    urn=workload.urn,
                    name=workload.name,
                    cluster=workload.cluster,
                    replicas=left,
                    at=self.at,
                    reasons=misfit_reasons(workload, order, self._candidates.of(workload)),
                )
            )


def _outcome(pool: Pool, placed: dict[tuple[str, str], Workload], floor: _Round, most: _Round) -> PoolPlacement:
    at_floor, at_max = floor.nodes.get(pool.key), most.nodes.get(pool.key)
    here, there = floor.residents[pool.key], most.residents[pool.key]
    needed = at_floor.opened if at_floor else None
    kept = None if pool.desired_size is None else max(pool.desired_size, pool.scheduled_size)
    running = None if needed is None or kept is None else max(needed, kept)
    running_at_max = None if at_max is None or running is None else max(at_max.opened, running)
    return PoolPlacement(
        pool=pool,
        nodes_needed_at_floor=needed,
        nodes_at_floor=running,
        nodes_at_max=running_at_max,
        fill_at_floor=Fill.of(pool, at_floor, running),
        fill_at_max=Fill.of(pool, at_max, running_at_max),
        residents=tuple(
            Resident(placed[key], here.get(key, 0), there.get(key, 0)) for key in dict.fromkeys((*here, *there))
        ),
    )


def _largest_first(found: Iterable[Workload]) -> list[Workload]:
    def size(workload: Workload) -> tuple[int, int, int, str, str]:
        asked = workload.requests
        if asked is None:
            return (0, 0, 0, *workload.key)
        return (-asked.gpus, -asked.memory_mib, -asked.cpu_millicores, *workload.key)

    return sorted(found, key=size)


def _unfollowed(followed: Followed) -> Iterable[str]:
    if followed.too_many:
        yield (
            f"too many pods and nodes to follow the scheduler over: {some(followed.too_many)}; whether these "
            "pools take all pods is said of closely packed nodes alone"
        )


def _notes(graphs: Iterable[ResourceGraph], found: Iterable[Pool], placed: Iterable[Workload]) -> Iterable[str]:
    releases = [r for graph in graphs for r in graph if r.type.startswith("kubernetes:helm.sh/")]
    if releases:
        names = ", ".join(sorted({release.name for release in releases}))
        yield f"pods that Helm charts create are not placed: {names}"
    unsized = [pool.name for pool in found if pool.min_size == 0 and pool.instance_type is None]
    if unsized:
        yield f"nodes of pools whose machines are chosen as pods come are not counted: {', '.join(unsized)}"
    for types, note in _BROUGHT_ALONG.items():
        if any(graph.of_type(*types) for graph in graphs):
            yield note
    if any(workload.beside for workload in placed):
        yield (
            "a release that a controller or Knative moves runs beside all pods that serve: room for as many again is "
            "asked for while it lasts, and is in no count of nodes"
        )
