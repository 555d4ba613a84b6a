"""How many replicas an objective takes. A plan, not a measurement; the assumptions are these:

- The time of a batch follows the profile's points of the accelerator: on a straight line between two points, as
  short as the smallest point's below it (an upper bound: fewer requests never take longer), and never beyond the
  largest, which is also the largest batch.
- A request that arrives while a batch executes waits for it and then executes in its own: the 99th percentile is
  about twice the time of a batch. That holds while the queue fits into one batch, which the next assumption keeps.
- No replica is planned above 70 % of what it can execute. Bursts that fill several batches are not modelled, nor is
  the network; without batching (a largest batch of one) the true percentile under load is higher.
- Each GPU of a replica executes one batch at a time, and GPUs add up.
- The batch is the one with the highest throughput whose percentile meets the objective.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from ..environment.model import Objective, Profile
from .sizing import Infeasible, Sizing

UTILISATION_LIMIT = 0.7
BATCHES_IN_P99 = 2


def size(
    profile: Profile,
    objective: Objective,
    accelerator: str,
    *,
    gpus_per_replica: int = 1,
    largest_batch: int | None = None,
) -> Sizing | Infeasible | None:
    """Batch size and replicas for the objective.

    Args:
        profile: measured or estimated latencies.
        objective: percentile in milliseconds and sustained requests per second.
        accelerator: of the pool.
        gpus_per_replica: at least 1.
        largest_batch: what the model's configuration allows; None: no limit but the profile's.

    Returns:
        None when the profile has no point for this accelerator.
    """
    points = _points(profile, accelerator)
    if not points:
        return None
    best = _best_batch(points, objective.p99_ms / BATCHES_IN_P99, largest_batch)
    if best is None:
        fastest = min({point.accelerator for point in profile.points}, key=lambda name: (_alone(profile, name), name))
        return Infeasible(
            accelerator=accelerator,
            best_p99_ms=BATCHES_IN_P99 * _alone(profile, accelerator),
            wanted_p99_ms=objective.p99_ms,
            fastest=fastest,
            fastest_p99_ms=BATCHES_IN_P99 * _alone(profile, fastest),
        )
    batch, latency_ms = best
    per_replica = gpus_per_replica * batch * 1000 / latency_ms
    replicas = max(1, ceil(objective.requests_per_second / (per_replica * UTILISATION_LIMIT) - 1e-9))
    return Sizing(
        accelerator=accelerator,
        max_batch_size=batch,
        replicas=replicas,
        predicted_p99_ms=round(BATCHES_IN_P99 * latency_ms, 3),
        utilisation=round(objective.requests_per_second / (replicas * per_replica), 4),
        requests_per_second=round(replicas * per_replica * UTILISATION_LIMIT, 3),
        source=profile.source,
    )


Points = tuple[tuple[int, float], ...]
"""Batch size and milliseconds, by rising batch size."""


def _points(profile: Profile, accelerator: str) -> Points:
    slowest: dict[int, float] = {}
    for point in profile.points:
        if point.accelerator == accelerator:
            slowest[point.batch_size] = max(point.latency_ms, slowest.get(point.batch_size, 0.0))
    return tuple(sorted(slowest.items()))


def _alone(profile: Profile, accelerator: str) -> float:
    return _points(profile, accelerator)[0][1]


@lru_cache(maxsize=4096)
def _best_batch(points: Points, limit_ms: float, largest: int | None) -> tuple[int, float] | None:
    """Throughput is monotonic between two points, so only their ends and the limit have to be tried."""
    candidates = {1, *(batch for batch, _ in points)}
    for (low, low_ms), (high, high_ms) in itertools.pairwise(points):
        if low_ms <= limit_ms < high_ms:
            candidates.add(low + int((limit_ms - low_ms) / (high_ms - low_ms) * (high - low)))
    if largest is not None:
        candidates.add(min(max(largest, 1), points[-1][0]))
    allowed = [
        (batch, _latency_ms(points, batch))
        for batch in candidates
        if batch <= points[-1][0] and (largest is None or batch <= max(largest, 1))
    ]
    fitting = [(batch, milliseconds) for batch, milliseconds in allowed if milliseconds <= limit_ms]
    return max(fitting, key=lambda each: (each[0] / each[1], -each[0])) if fitting else None


def _latency_ms(points: Sequence[tuple[int, float]], batch: int) -> float:
    if batch <= points[0][0]:
        return points[0][1]
    for (low, low_ms), (high, high_ms) in itertools.pairwise(points):
        if batch <= high:
            return low_ms + (high_ms - low_ms) * (batch - low) / (high - low)
    return points[-1][1]
