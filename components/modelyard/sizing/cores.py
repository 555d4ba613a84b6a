"""Processors that executions share: all that want one run at once, each slowed down alike."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

Done = Callable[[float], None]


class Cores:
    """Processor sharing. Times are milliseconds on the caller's clock."""

    def __init__(self, count: float) -> None:
        self._count = count
        self._clock_ms = 0.0
        self._virtual_ms = 0.0
        """What a job that began at the start would have got by now: finishing is a fixed virtual time."""
        self._width = 0.0
        self._jobs: list[tuple[float, int, float, Done]] = []
        self._sequence = 0
        self.busy_ms = 0.0
        """Processor time given so far."""

    def run(self, now_ms: float, cpu_ms: float, done: Done, *, width: float = 1.0) -> None:
        """A job begins.

        Args:
            cpu_ms: processor time that it needs.
            done: called when it has had it.
            width: processors that it uses at once when they are free.
        """
        self.advance(now_ms)
        self._sequence += 1
        heapq.heappush(self._jobs, (self._virtual_ms + cpu_ms / width, self._sequence, width, done))
        self._width += width

    def next_ms(self) -> float:
        """When the next job ends if none begins before."""
        if not self._jobs:
            return math.inf
        return self._clock_ms + max(self._jobs[0][0] - self._virtual_ms, 0.0) * max(self._width / self._count, 1.0)

    def finish_next(self) -> None:
        """Moves on to :meth:`next_ms` and ends that job."""
        now_ms = self.next_ms()
        self.advance(now_ms)
        virtual_ms, _, width, done = heapq.heappop(self._jobs)
        self._virtual_ms = max(self._virtual_ms, virtual_ms)
        self._width = self._width - width if self._jobs else 0.0
        done(now_ms)

    def advance(self, now_ms: float) -> None:
        """Time passes without a job ending."""
        passed_ms = now_ms - self._clock_ms
        if passed_ms <= 0:
            return
        if self._jobs:
            self._virtual_ms += passed_ms / max(self._width / self._count, 1.0)
            self.busy_ms += passed_ms * min(self._width, self._count)
        self._clock_ms = now_ms
