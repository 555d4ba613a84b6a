"""How long an execution takes: by batch size, with its spread, from the measured points of a stage.

Between two measured sizes every quantile follows a straight line; below the smallest an execution is as long as the
smallest (an upper bound); beyond the largest nothing is known, and :meth:`ServiceTimes.of` refuses. Points of few
executions share the median spread of all.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median

from .profile import COOLING_MS, MeasuredPoint, MeasuredStage

STRATA = 200
"""Equally likely durations that stand for the distribution of one batch size: half a percent each."""


RELIABLE = 400
"""Executions from which on a point's own percentiles are believed."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Of one batch size."""

    durations_ms: tuple[float, ...]
    """:data:`STRATA` equally likely times, rising."""
    mean_ms: float
    p99_ms: float
    cpu_ms: float | None
    """Processor time, without what receiving and answering its requests takes; None: not measured."""
    gap_ms: float
    """After it, until the instance takes the next."""


@dataclass(slots=True, eq=False)
class ServiceTimes:
    """Of one stage. Equal only to itself: :func:`service_times` gives the same one for the same measurements."""

    model: str
    points: tuple[MeasuredPoint, ...]
    """By rising batch size, each size once."""
    request_cpu_ms: float = 0.0
    """Of each request, in no execution; the points include it."""
    cold_ms: float = 0.0
    """More after a long idle time."""
    cooling_ms: float = COOLING_MS
    _known: dict[int, Execution] = field(default_factory=dict)
    _sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._sizes = tuple(point.batch_size for point in self.points)

    @property
    def largest(self) -> int:
        """Rows of the largest batch that was measured."""
        return self.points[-1].batch_size

    def of(self, batch_size: int) -> Execution:
        """The times of a batch of so many rows.

        Raises:
            ValueError: it is larger than every measured one.
        """
        known = self._known.get(batch_size)
        if known is None:
            known = self._known[batch_size] = self._execution(batch_size)
        return known

    def cold(self, idle_ms: float) -> float:
        """Milliseconds that an execution takes longer after so long an idle time."""
        return self.cold_ms * (1 - math.exp(-idle_ms / self.cooling_ms)) if self.cold_ms else 0.0

    def highest_rate(self, largest_batch: int) -> float:
        """Rows per second that one instance executes when every batch is of the size that suits it best."""
        largest = min(largest_batch, self.largest)
        sizes = {1, largest, *(point.batch_size for point in self.points if point.batch_size < largest)}
        return max(size * 1000 / self._taken_ms(size) for size in sizes)

    def _taken_ms(self, batch_size: int) -> float:
        """Mean time from one execution to the next."""
        low, high, share = self._between(batch_size)
        return (1 - share) * (low.mean_ms + low.gap_ms) + share * (high.mean_ms + high.gap_ms)

    def _between(self, batch_size: int) -> tuple[MeasuredPoint, MeasuredPoint, float]:
        """The measured points around a size, and how far it is from the first to the second."""
        if batch_size > self.largest:
            raise ValueError(
                f"a batch of {batch_size} of {self.model!r} was not measured: its profile ends at {self.largest}; "
                "measure the profile again"
            )
        at = bisect_left(self._sizes, batch_size)
        high = self.points[at]
        low = self.points[at - 1] if at else high
        return low, high, 0.0 if high is low else (batch_size - low.batch_size) / (high.batch_size - low.batch_size)

    def _execution(self, batch_size: int) -> Execution:
        low, high, share = self._between(batch_size)
        durations = _durations(low)
        if share > 0:
            rest = 1 - share
            durations = tuple(rest * a + share * b for a, b in zip(durations, _durations(high), strict=True))
        return Execution(
            durations_ms=durations,
            mean_ms=(1 - share) * low.mean_ms + share * high.mean_ms,
            p99_ms=(1 - share) * low.p99_ms + share * high.p99_ms,
            cpu_ms=self._cpu_ms(low, high, share),
            gap_ms=(1 - share) * low.gap_ms + share * high.gap_ms,
        )

    def _cpu_ms(self, low: MeasuredPoint, high: MeasuredPoint, share: float) -> float | None:
        if low.cpu_ms is None or high.cpu_ms is None:
            return None
        of_low = max(low.cpu_ms - low.requests * self.request_cpu_ms, 0.0)
        of_high = max(high.cpu_ms - high.requests * self.request_cpu_ms, 0.0)
        return (1 - share) * of_low + share * of_high


@lru_cache(maxsize=4096)
def service_times(
    stage: MeasuredStage, *, rows_per_request: int = 1, instances: int = 1, request_cpu_ms: float = 0.0
) -> ServiceTimes:
    """The points of a stage that resemble the traffic most.

    Args:
        stage: as measured.
        rows_per_request: of the traffic; points whose batches were made of as many requests are preferred.
        instances: side by side; points that were measured with as many, or else with the nearest number.
        request_cpu_ms: processor time of each request in no execution.
    """
    sizes: dict[int, MeasuredPoint] = {}
    for point in stage.points:
        best = sizes.get(point.batch_size)
        if best is None or _distance(point, rows_per_request, instances) < _distance(best, rows_per_request, instances):
            sizes[point.batch_size] = point
    points = _with_one_spread([sizes[size] for size in sorted(sizes)])
    return ServiceTimes(stage.model, points, request_cpu_ms, stage.cold_ms, stage.cooling_ms)


def _with_one_spread(points: Sequence[MeasuredPoint]) -> tuple[MeasuredPoint, ...]:
    """Points of few executions get the spread that is usual among the sizes: of forty executions the slowest is
    called the 99th percentile, and one hiccup of the machine would count for every execution of that size."""
    if all(point.executions >= RELIABLE for point in points):
        return tuple(points)
    mean, p90, p99 = (
        median(getattr(point, name) / point.p50_ms for point in points) for name in ("mean_ms", "p90_ms", "p99_ms")
    )
    return tuple(
        point
        if point.executions >= RELIABLE
        else point.model_copy(
            update={"mean_ms": mean * point.p50_ms, "p90_ms": p90 * point.p50_ms, "p99_ms": p99 * point.p50_ms}
        )
        for point in points
    )


def _distance(point: MeasuredPoint, rows_per_request: int, instances: int) -> tuple[int, int]:
    return abs(point.instances - instances), abs(point.requests - max(1, point.batch_size // rows_per_request))


@lru_cache(maxsize=16384)
def durations_of(*, mean_ms: float, p50_ms: float, p90_ms: float, p99_ms: float) -> tuple[float, ...]:
    """:data:`STRATA` equally likely times, rising: straight lines between the percentiles, the fastest chosen so
    that the mean is the measured one as far as the median allows, the slowest as far beyond the 99th percentile as
    that is beyond the 90th, at most."""
    slowest = p99_ms + (p99_ms - p90_ms)
    upper = 0.4 * (p50_ms + p90_ms) / 2 + 0.09 * (p90_ms + p99_ms) / 2 + 0.01 * (p99_ms + slowest) / 2
    fastest = min(max(4 * (mean_ms - upper) - p50_ms, 0.5 * p50_ms), p50_ms)
    corners = ((0.0, fastest), (0.5, p50_ms), (0.9, p90_ms), (0.99, p99_ms), (1.0, slowest))
    values: list[float] = []
    lines = itertools.pairwise(corners)
    (start, low), (end, high) = next(lines)
    for at in range(STRATA):
        middle = (at + 0.5) / STRATA
        while middle > end:
            (start, low), (end, high) = next(lines)
        values.append(low + (high - low) * (middle - start) / (end - start))
    # The lines need not meet the mean exactly (a long tail, rounding): all are stretched alike, by little.
    stretch = min(max(mean_ms * STRATA / sum(values), 0.8), 1.25)
    return tuple(value * stretch for value in values)


def _durations(point: MeasuredPoint) -> tuple[float, ...]:
    return durations_of(mean_ms=point.mean_ms, p50_ms=point.p50_ms, p90_ms=point.p90_ms, p99_ms=point.p99_ms)
