"""Which pods the scheduler leaves waiting when every pool has all its nodes and all pods arrive at once.

Where nobody can be left waiting, whatever the order and whichever node the scheduler prefers, it is not followed. A pod
finds no node only if each lacks room in some respect, so that what others use there is more than the node's room less
what the pod asks for. Summed over all nodes: ``sum over cpu, memory, devices, pods of (what others ask for / (room of a
node - what the pod asks for + 1)) >= number of nodes``. Where that is not so, there is a node for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from modelyard.catalog import Allocatable
from modelyard.placement.placement import Waiting
from modelyard.placement.pool import Pool
from modelyard.placement.requests import Requests
from modelyard.placement.scheduler import TooMany, schedule
from modelyard.placement.workload import ZONE, Workload

_NO_ROOM = "no node that may take it has room left"
_SPREAD = "its topology spread (DoNotSchedule) allows no more pods where nodes have room"
_COMPARISONS_AT_MOST = 100_000
"""Of pods with kinds of nodes, for the pools of a cluster that pods choose between; a second."""


@dataclass(frozen=True, slots=True)
class Followed:
    waiting: tuple[Waiting, ...]
    too_many: tuple[str, ...]
    """Names of pools that have too many different pods and nodes to follow the scheduler over."""


def follow(arriving: Sequence[Workload], fitting: Callable[[Workload], Sequence[Pool]]) -> Followed:
    """Follow the scheduler over the pools that the workloads may use, at their most replicas.

    Args:
        arriving: in this order; requests and replicas are known.
        fitting: pools on whose empty nodes a workload may run; each list is kept while this runs.
    """
    waiting: list[Waiting] = []
    too_many: list[str] = []
    for pools, members in apart(arriving, fitting):
        if any(pool.room is None or pool.max_size is None for pool in pools) or _sure(members, fitting):
            continue
        try:
            found = schedule(
                pools,
                [(workload, workload.replicas_max or 0) for workload in members],
                comparisons_at_most=_COMPARISONS_AT_MOST,
            )
        except TooMany:
            too_many += [pool.name for pool in pools]
            continue
        waiting += [
            Waiting(
                workload.urn,
                workload.name,
                workload.cluster,
                found.waiting[workload.key],
                _SPREAD if workload.key in found.spread else _NO_ROOM,
            )
            for workload in members
            if workload.key in found.waiting
        ]
    return Followed(tuple(waiting), tuple(dict.fromkeys(too_many)))


def apart(
    arriving: Sequence[Workload], fitting: Callable[[Workload], Sequence[Pool]]
) -> Iterator[tuple[list[Pool], list[Workload]]]:
    """Pools that have no pods in common do not bear on one another."""
    leader: dict[str, str] = {}
    pools: dict[str, Pool] = {}

    def led_by(key: str) -> str:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    seen: set[int] = set()
    for workload in arriving:
        # Workloads that are alike share a list.
        if id(fitting(workload)) in seen:
            continue
        seen.add(id(fitting(workload)))
        for pool in fitting(workload):
            pools.setdefault(pool.key, pool)
            leader.setdefault(pool.key, pool.key)
            leader[led_by(pool.key)] = led_by(fitting(workload)[0].key)
    members: dict[str, list[Workload]] = {}
    for workload in arriving:
        usable = fitting(workload)
        if usable:
            members.setdefault(led_by(usable[0].key), []).append(workload)
        elif workload.replicas_max:
            yield [], [workload]
    together: dict[str, list[Pool]] = {}
    for key, pool in pools.items():
        together.setdefault(led_by(key), []).append(pool)
    for key, found in members.items():
        yield together[key], found


def _sure(members: Sequence[Workload], fitting: Callable[[Workload], Sequence[Pool]]) -> bool:
    """Whether each of them finds a node, whatever the order and whichever node the scheduler prefers."""
    total = sum(
        (workload.requests.times(workload.replicas_max or 0) for workload in members if workload.requests), Requests()
    )
    pods = sum(workload.replicas_max or 0 for workload in members)
    return all(_finds_one(workload, fitting(workload), total, pods) for workload in members)


def _kept_apart(workload: Workload) -> int:
    """Nodes that its own pods take from the last of them."""
    return max((workload.replicas_max or 0) - 1, 0) if workload.apart else 0


def _finds_one(workload: Workload, pools: Sequence[Pool], total: Requests, pods: int) -> bool:
    asked = workload.requests
    bound_to_a_zone = ZONE in workload.node_selector or workload.required_terms
    if asked is None or not pools or bound_to_a_zone or any(spread.required for spread in workload.spread):
        return False
    rooms = [pool.room for pool in pools if pool.room is not None]
    crowding = sum(used / room for used, room in _respects(asked, total, pods, rooms))
    return crowding + _kept_apart(workload) < sum(pool.max_size or 0 for pool in pools)


def _respects(asked: Requests, total: Requests, pods: int, rooms: Sequence[Allocatable]) -> Iterable[tuple[int, int]]:
    """What the others ask for, and beyond how much of it on one node the pod finds no room there."""
    yield pods - 1, min(room.pods for room in rooms)
    for need, used, least in (
        (asked.cpu_millicores, total.cpu_millicores, min(room.cpu_millicores for room in rooms)),
        (asked.memory_mib, total.memory_mib, min(room.memory_mib for room in rooms)),
        (asked.gpus, total.gpus, min(room.gpus for room in rooms)),
    ):
        if need:
            yield used - need, least - need + 1
