"""Nodes as the scheduler sees them, those that are alike kept as one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from modelyard.placement.pool import Pool
from modelyard.placement.requests import Requests
from modelyard.placement.workload import ZONE, Workload

_UNASKED_CPU_MILLICORES, _UNASKED_MEMORY_MIB = 100, 200
"""What LeastAllocated takes a pod for that asks for no CPU or no memory (``pkg/scheduler/util/pod_resources.go``)."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The pods on a node: by the number of their workload, and how many of them there are."""

    pods: tuple[tuple[int, int], ...] = ()
    used: Requests = field(default=Requests(), compare=False)
    scored_cpu: int = field(default=0, compare=False)
    """With something for pods that ask for none."""
    scored_memory: int = field(default=0, compare=False)
    size: int = field(default=0, compare=False)

    def takes(self, workload: Workload, pool: Pool) -> bool:
        """Whether the node has room for one more pod (noderesources/fit.go)."""
        room, asked = pool.room, workload.requests
        if room is None or asked is None:
            return False
        used = self.used
        return (
            self.size < room.pods
            and (not asked.cpu_millicores or used.cpu_millicores + asked.cpu_millicores <= room.cpu_millicores)
            and (not asked.memory_mib or used.memory_mib + asked.memory_mib <= room.memory_mib)
            and (not asked.gpus or used.gpus + asked.gpus <= room.gpus)
        )

    def count(self, workloads: Collection[int]) -> int:
        """Pods of these workloads."""
        return sum(count for number, count in self.pods if number in workloads)

    def joined(self, number: int, asked: Requests) -> Crowd:
        pods, scored = dict(self.pods), scored_requests(asked)
        pods[number] = pods.get(number, 0) + 1
        return Crowd(
            tuple(sorted(pods.items())),
            self.used + asked,
            self.scored_cpu + scored[0],
            self.scored_memory + scored[1],
            self.size + 1,
        )


@dataclass(slots=True)
class Site:
    """The nodes of one pool in one zone: alike but for the pods on them."""

    pool: Pool
    zone: str
    """Empty where it is not known: all nodes of the pool then stand in one."""
    crowds: dict[Crowd, int]
    """How many nodes hold these pods."""
    pods: dict[int, int] = field(default_factory=dict)
    """By the number of the workload."""

    def count(self, workloads: Collection[int]) -> int:
        return sum(self.pods.get(number, 0) for number in workloads)

    def domain(self, key: str) -> str:
        """Value of a node label, other than the host's name."""
        return self.zone if key == ZONE else self.pool.labels.get(key, "")

    def add(self, crowd: Crowd, number: int, workload: Workload) -> None:
        """One more pod on one of the nodes that hold this crowd."""
        assert workload.requests is not None
        joined = crowd.joined(number, workload.requests)
        self.crowds[crowd] -= 1
        if not self.crowds[crowd]:
            del self.crowds[crowd]
        self.crowds[joined] = self.crowds.get(joined, 0) + 1
        self.pods[number] = self.pods.get(number, 0) + 1


def scored_requests(asked: Requests) -> tuple[int, int]:
    """CPU and memory for which LeastAllocated takes a pod."""
    return asked.cpu_millicores or _UNASKED_CPU_MILLICORES, asked.memory_mib or _UNASKED_MEMORY_MIB


def sites(pool: Pool) -> Iterator[Site]:
    """Of all nodes that the pool may have; none where its size or room is not known."""
    if not pool.max_size or pool.room is None:
        return
    zones = pool.zones or ("",)
    for position, zone in enumerate(zones):
        nodes = (pool.max_size - position + len(zones) - 1) // len(zones)
        if nodes > 0:
            yield Site(pool, zone, {Crowd(): nodes})
