"""How much the scheduler likes each node that can take a pod.

The scores of kube-scheduler's default profile (v1.34, ``pkg/scheduler/framework/plugins``) with their weights:
NodeResourcesFit by LeastAllocated, NodeResourcesBalancedAllocation, NodeAffinity, TaintToleration and
PodTopologySpread. Images that a node has already are not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log

from modelyard.catalog import Allocatable
from modelyard.placement.requests import Requests
from modelyard.placement.scheduler_nodes import Crowd, Site, scored_requests
from modelyard.placement.workload import HOSTNAME, Workload

_TAINTS, _AFFINITY, _SPREAD = 3, 2, 2
"""Weights; those of resources are 1."""
_MOST = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """Nodes that are alike and can take the pod."""

    site: Site
    crowd: Crowd
    nodes: int
    preferred: int
    """Weights of the preferred node affinity terms that hold."""
    unwelcome: int
    """Taints of effect PreferNoSchedule that the pod does not tolerate."""
    matching: tuple[int, ...]
    """Pods that each spread constraint which need not hold counts: on the node, or in its zone."""


def scores(workload: Workload, candidates: Sequence[Candidate]) -> list[int]:
    """In the order of the candidates; of more than one, for of one the scheduler asks no score."""
    most_preferred = max(each.preferred for each in candidates)
    most_unwelcome = max(each.unwelcome for each in candidates)
    apart = _spread(workload, candidates)
    return [
        _resources(workload.requests or Requests(), each)
        + _AFFINITY * (each.preferred * _MOST // most_preferred if most_preferred else 0)
        + _TAINTS * (_MOST - (each.unwelcome * _MOST // most_unwelcome if most_unwelcome else 0))
        + _SPREAD * spread
        for each, spread in zip(candidates, apart, strict=True)
    ]


def _resources(asked: Requests, candidate: Candidate) -> int:
    room = candidate.site.pool.room
    assert room is not None
    return _least_allocated(asked, candidate.crowd, room) + _balanced(asked, candidate.crowd.used, room)


def _least_allocated(asked: Requests, crowd: Crowd, room: Allocatable) -> int:
    scored = scored_requests(asked)
    cpu = max(room.cpu_millicores - crowd.scored_cpu - scored[0], 0) * _MOST // room.cpu_millicores
    memory = max(room.memory_mib - crowd.scored_memory - scored[1], 0) * _MOST // room.memory_mib
    return (cpu + memory) // 2


def _balanced(asked: Requests, used: Requests, room: Allocatable) -> int:
    if not asked.cpu_millicores and not asked.memory_mib:
        return 0
    cpu = min((used.cpu_millicores + asked.cpu_millicores) / room.cpu_millicores, 1)
    memory = min((used.memory_mib + asked.memory_mib) / room.memory_mib, 1)
    return int((1 - abs((cpu - memory) / 2)) * _MOST)


def _spread(workload: Workload, candidates: Sequence[Candidate]) -> list[int]:
    constraints = [spread for spread in workload.spread if not spread.required]
    if not constraints:
        return [0] * len(candidates)
    weights = []
    for spread in constraints:
        if spread.key == HOSTNAME:
            domains = sum(each.nodes for each in candidates)
        else:
            domains = len({each.site.domain(spread.key) for each in candidates})
        weights.append(log(domains + 2))
    raw = [
        floor(
            sum(
                count * weight + spread.max_skew - 1
                for spread, weight, count in zip(constraints, weights, each.matching, strict=True)
            )
            + 0.5
        )
        for each in candidates
    ]
    most, least = max(raw), min(raw)
    return [_MOST * (most + least - each) // most if most else _MOST for each in raw]
