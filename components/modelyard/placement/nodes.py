"""The nodes of one pool while pods are placed on them."""

from __future__ import annotations

from math import ceil
from typing import TypeAlias

from modelyard.catalog import Allocatable
from modelyard.placement.requests import Requests

_MAX_OPEN_KINDS = 64
"""Nodes with the same room left are kept as one entry. Past this many different entries the fullest is closed, so
that a pass over the open nodes has a bound; closing can only count a node too many, never one too few."""

_Room: TypeAlias = tuple[int, int, int, int]


class Nodes:
    """Nodes opened one after the other, each filled before the next is opened."""

    def __init__(self, room: Allocatable, limit: int | None) -> None:
        self.opened = 0
        self.used = Requests()
        self.pods = 0
        self._limit = limit
        self._empty: _Room = (room.cpu_millicores, room.memory_mib, room.gpus, room.pods)
        self._open: dict[_Room, int] = {}

    def put(self, asked: Requests, replicas: int, each_at_most: int | None = None) -> int:
        """Place as many of these equal pods as there is room for, at most so many on one node; how many were placed.

        With such a limit, a workload is placed by one call."""
        need = _need(asked)
        left = replicas
        for room, found in list(self._open.items()):
            if left == 0:
                break
            each = _least(_pods(room, need), each_at_most)
            # Of those with this room, not the ones that were just filled down to it.
            count = min(found, self._open.get(room, 0))
            if each and count:
                self._open[room] -= count
                if not self._open[room]:
                    del self._open[room]
                left -= self._fill(room, count, each, need, left)
        each = _least(_pods(self._empty, need), each_at_most)
        if left and each:
            new = ceil(left / each)
            if self._limit is not None:
                new = min(new, self._limit - self.opened)
            if new > 0:
                self.opened += new
                left -= self._fill(self._empty, new, each, need, left)
        placed = replicas - left
        self.used = self.used + asked.times(placed)
        self.pods += placed
        return placed

    def free(self, asked: Requests, enough: int) -> int:
        """How many more of these pods would fit, counted up to ``enough``."""
        need = _need(asked)
        found = 0
        for room, count in self._open.items():
            found += _pods(room, need) * count
            if found >= enough:
                return enough
        if self._limit is None:
            return enough if _pods(self._empty, need) else found
        return min(enough, found + _pods(self._empty, need) * max(0, self._limit - self.opened))

    def _fill(self, room: _Room, count: int, each: int, need: _Room, pods: int) -> int:
        """Fill ``count`` nodes with ``each`` pods at most; how many pods were placed."""
        full = min(count, pods // each)
        if full:
            self._keep(room, need, each, full)
        rest = min(pods - full * each, each) if full < count else 0
        if rest:
            self._keep(room, need, rest, 1)
        untouched = count - full - (1 if rest else 0)
        if untouched:
            self._open[room] = self._open.get(room, 0) + untouched
        return full * each + rest

    def _keep(self, room: _Room, need: _Room, pods: int, count: int) -> None:
        left = tuple(have - pods * part for have, part in zip(room, need, strict=True))
        if left[0] == 0 or left[1] == 0 or left[3] == 0:
            return
        left = (left[0], left[1], left[2], left[3])
        self._open[left] = self._open.get(left, 0) + count
        if len(self._open) > _MAX_OPEN_KINDS:
            del self._open[min(self._open, key=lambda room: (room[2], room[1], room[0]))]


def _least(room: int, each_at_most: int | None) -> int:
    return room if each_at_most is None else min(room, each_at_most)


def _need(asked: Requests) -> _Room:
    return (asked.cpu_millicores, asked.memory_mib, asked.gpus, 1)


def _pods(room: _Room, need: _Room) -> int:
    cpu, memory, gpus, pods = room
    need_cpu, need_memory, need_gpus, _ = need
    if cpu < need_cpu or memory < need_memory or gpus < need_gpus:
        return 0
    if need_cpu:
        pods = min(pods, cpu // need_cpu)
    if need_memory:
        pods = min(pods, memory // need_memory)
    if need_gpus:
        pods = min(pods, gpus // need_gpus)
    return pods
