"""How many nodes a set of replicas takes, each whole on one node."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from ..environment.model import ServerResources
from .resolved import ResolvedGpuPool

Shape = tuple[int, int, int]
"""GPUs, millicores and MiB: of one replica, or free on one node."""

_OPEN_KINDS = 64
"""Nodes with the same room are one entry. Beyond so many kinds the fullest is closed: that may count a node too
many, never one too few."""


def replica_shape(resources: ServerResources) -> Shape:
    """What one replica asks of its node."""
    return resources.gpus, ceil(resources.cpu * 1000 - 1e-6), ceil(resources.memory_gib * 1024 - 1e-6)


def node_shape(pool: ResolvedGpuPool) -> Shape:
    """What one node leaves to replicas."""
    return pool.gpu_devices_per_node, round(pool.allocatable_cpu * 1000), round(pool.allocatable_memory_gib * 1024)


class Packing:
    """Replicas put on equal nodes: the largest first, each where it fits, else on a new node."""

    def __init__(self, node: Shape, replicas: Iterable[tuple[Shape, int]] = ()) -> None:
        self.nodes = 0
        self._node = node
        self._open: dict[Shape, int] = {}
        counts: dict[Shape, int] = {}
        for shape, count in replicas:
            counts[shape] = counts.get(shape, 0) + count
        for shape in sorted(counts, key=self._share, reverse=True):
            self.put(shape, counts[shape])

    def put(self, shape: Shape, count: int, limit: int | None = None) -> int:
        """Put more replicas on at most ``limit`` nodes; gives back how many of them found no place."""
        for room in sorted(self._open):
            per_node = _times(room, shape)
            if count == 0:
                return 0
            if per_node:
                count = self._fill(room, self._open.pop(room), shape, per_node, count)
        per_node = _times(self._node, shape)
        if not count or not per_node:
            return count
        nodes = ceil(count / per_node)
        if limit is not None:
            nodes = max(0, min(nodes, limit - self.nodes))
        self.nodes += nodes
        return self._fill(self._node, nodes, shape, per_node, count)

    def has_room(self, shape: Shape, max_nodes: int) -> bool:
        """Whether one more replica fits without a node beyond ``max_nodes``."""
        if _times(self._node, shape) == 0 or self.nodes > max_nodes:
            return False
        return self.nodes < max_nodes or any(_times(room, shape) for room in self._open)

    def _fill(self, room: Shape, nodes: int, shape: Shape, per_node: int, count: int) -> int:
        """Put up to ``count`` on ``nodes`` nodes with this room, and give back how many are left over."""
        full = min(nodes, count // per_node)
        self._keep(room, shape, per_node, full)
        nodes, count = nodes - full, count - full * per_node
        if nodes and count:
            self._keep(room, shape, count, 1)
            nodes, count = nodes - 1, 0
        self._keep(room, shape, 0, nodes)
        return count

    def _keep(self, room: Shape, shape: Shape, replicas: int, nodes: int) -> None:
        if nodes == 0:
            return
        gpus, cpu, memory = (free - asked * replicas for free, asked in zip(room, shape, strict=True))
        left = (gpus, cpu, memory)
        self._open[left] = self._open.get(left, 0) + nodes
        if len(self._open) > _OPEN_KINDS:
            del self._open[min(self._open)]

    def _share(self, shape: Shape) -> tuple[float, Shape]:
        return max(asked / free for asked, free in zip(shape, self._node, strict=True) if free), shape


def _times(room: Shape, shape: Shape) -> int:
    return min(free // asked for free, asked in zip(room, shape, strict=True) if asked)
