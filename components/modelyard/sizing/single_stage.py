"""The simulation's short cut for one model without a delay, whose instances share nothing: a few milliseconds.

Without a delay Triton's batcher comes to this: an instance that is free takes all requests that wait, up to the
largest batch, oldest first. That needs no events; :mod:`.simulation` gives the same latencies, and a test says so.
"""

from __future__ import annotations

import heapq
import random
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

from .service_time import ServiceTimes

REQUESTS = 3000
WARM_UP = 200


def latencies(
    times: ServiceTimes,
    *,
    rate: float,
    largest_batch: int,
    instances: int = 1,
    requests: int = REQUESTS,
    warm_up: int = WARM_UP,
    seed: int = 1,
) -> tuple[list[float], dict[int, int]]:
    """Milliseconds in the queue and in execution, in rising order, and executions by batch size.

    Args:
        times: of the model; requests have one row.
        rate: requests per second, at random times.
        seed: of arrivals and times; the same arrivals for every setting, in units of their mean distance.
    """
    total = requests + warm_up
    distance_ms = 1000.0 / rate
    arrivals = [at * distance_ms for at in _arrivals(total, seed)]
    draws = _draws(total, seed)
    durations = [times.of(size).durations_ms for size in range(1, largest_batch + 1)]
    gaps = [times.of(size).gap_ms for size in range(1, largest_batch + 1)]
    free = [0.0] * instances
    taken: list[float] = []
    counts = [0] * (largest_batch + 1)
    first = executions = 0
    while first < total:
        start_ms = max(free[0], arrivals[first])
        end = bisect_right(arrivals, start_ms, first, min(first + largest_batch, total))
        size = end - first
        values = durations[size - 1]
        done_ms = start_ms + values[int(draws[executions] * len(values))]
        heapq.heapreplace(free, done_ms + gaps[size - 1])
        taken += [done_ms - arrivals[at] for at in range(first, end)]
        counts[size] += 1
        executions += 1
        first = end
    return sorted(taken[warm_up:]), {size: count for size, count in enumerate(counts) if count}


@lru_cache(maxsize=8)
def _arrivals(count: int, seed: int) -> Sequence[float]:
    draw = random.Random(seed).expovariate
    at, times = 0.0, []
    for _ in range(count):
        at += draw(1.0)
        times.append(at)
    return times


@lru_cache(maxsize=8)
def _draws(count: int, seed: int) -> Sequence[float]:
    draw = random.Random(seed + 1).random
    return [draw() for _ in range(count)]
