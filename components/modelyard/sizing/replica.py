"""One candidate on one kind of replica, and its predicted latencies: simulated once for each rate."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

from .pipeline import Pipeline
from .prediction import percentile
from .service_time import ServiceTimes
from .settings import Settings
from .simulation import NO_OVERHEAD, Overhead, Run, StageRun, simulate
from .single_stage import REQUESTS, WARM_UP, latencies

LIGHT = 0.01
"""Share of what a replica can keep at which requests hardly meet."""
_GRID = 1.02


@dataclass(frozen=True, slots=True)
class Replica:
    """What one simulation needs to know."""

    pipeline: Pipeline
    settings: Settings
    """Of a whole replica."""
    times: tuple[tuple[str, ServiceTimes], ...]
    overhead: Overhead
    cores: float | None
    capacity: float
    """Requests per second when fully busy."""


@lru_cache(maxsize=16384)
def p99_ms(replica: Replica, rate: float, give_up_ms: float) -> float:
    """99th percentile at so many requests per second, or infinity when it exceeds ``give_up_ms`` early."""
    ordered = sorted(run_at(replica, rate, give_up_ms).latencies_ms)
    late = sum(latency > give_up_ms for latency in ordered)
    # A simulation that was given up knows only the first answers, and that too many of them are late.
    return math.inf if late > REQUESTS // 100 else percentile(ordered, 0.99)


@lru_cache(maxsize=1024)
def run_at(replica: Replica, rate: float, give_up_ms: float | None = None) -> Run:
    """A simulation of one replica at so many requests per second.

    Args:
        give_up_ms: end early once too many requests are later than this.
    """
    stage = replica.settings.stages[0]
    alone = len(replica.pipeline.steps) == 1 and replica.cores is None and not _grows_cold(replica)
    if alone and stage.max_queue_delay_us == 0 and len(stage.preferred_batch_sizes) <= 1:
        return _short_run(replica, rate)
    return simulate(
        replica.pipeline,
        replica.settings,
        dict(replica.times),
        rate=rate,
        requests=REQUESTS,
        warm_up=WARM_UP,
        overhead=replica.overhead,
        cores=replica.cores,
        give_up_ms=give_up_ms,
    )


def alone_p99_ms(replica: Replica) -> float:
    """Of requests that never meet: no number of replicas is quicker."""
    delays = tuple(
        stage.max_queue_delay_us / 1000 if stage.dynamic_batching and stage.largest_batch > 1 else 0.0
        for stage in replica.settings.stages
    )
    if len(replica.pipeline.steps) == 1 and replica.overhead == NO_OVERHEAD:
        times = replica.times[0][1]
        return times.of(1).p99_ms + times.cold_ms + delays[0]
    return _alone_p99_ms(replica.pipeline, replica.times, delays, replica.overhead)


@lru_cache(maxsize=4096)
def _alone_p99_ms(
    pipeline: Pipeline, times: tuple[tuple[str, ServiceTimes], ...], delays_ms: tuple[float, ...], overhead: Overhead
) -> float:
    by_model = {
        model: (of.of(1).durations_ms, delay_ms + overhead.step_ms + of.cold_ms)
        for (model, of), delay_ms in zip(times, delays_ms, strict=True)
    }
    steps = [(step.after, *by_model[step.model]) for step in pipeline.steps]
    draw = random.Random(1).random
    answered: list[float] = []
    for _ in range(REQUESTS):
        begun_ms = overhead.cold_ms + overhead.before_ms[int(draw() * len(overhead.before_ms))]
        done: list[float] = []
        for after, durations, fixed_ms in steps:
            ready_ms = max((done[at] for at in after), default=begun_ms)
            done.append(ready_ms + fixed_ms + durations[int(draw() * len(durations))])
        answered.append(max(done) + overhead.after_ms[int(draw() * len(overhead.after_ms))])
    return percentile(sorted(answered), 0.99)


def rounded_up(rate: float) -> float:
    """By at most 2 %, so that rates alike share a simulation."""
    return _GRID ** math.ceil(math.log(rate, _GRID) - 1e-9)


def _grows_cold(replica: Replica) -> bool:
    return bool(replica.overhead.cold_ms) or any(times.cold_ms for _, times in replica.times)


def _short_run(replica: Replica, rate: float) -> Run:
    stage, times = replica.settings.stages[0], replica.times[0][1]
    taken, batches = latencies(times, rate=rate, largest_batch=stage.largest_batch, instances=stage.instances)
    overhead = replica.overhead
    before, after = overhead.before_ms, overhead.after_ms
    # Each latency, in rising order, gets an overhead as if drawn at random: 7919 is prime.
    answered = (
        tuple(taken)
        if before == after == (0.0,) and not overhead.step_ms
        else tuple(
            latency + before[at * 7919 % len(before)] + after[at * 104729 % len(after)] + overhead.step_ms
            for at, latency in enumerate(taken)
        )
    )
    requests = sum(size * count for size, count in batches.items())
    executing_ms = sum(size * count * times.of(size).mean_ms for size, count in batches.items()) / requests
    in_queue_ms = max(sum(taken) / len(taken) - executing_ms, 0.0)
    elapsed_ms = requests * 1000 / rate
    did = StageRun(
        requests=requests,
        executions=sum(batches.values()),
        queue_ms=in_queue_ms * requests,
        busy_ms=sum(count * times.of(size).mean_ms for size, count in batches.items()),
        cpu_ms=sum(count * (times.of(size).cpu_ms or 0.0) for size, count in batches.items()),
        batches=batches,
    )
    return Run(
        latencies_ms=answered,
        elapsed_ms=elapsed_ms,
        arrived_ms=elapsed_ms,
        requests=requests,
        stages={stage.model: did},
        in_system_ms=sum(answered) / len(answered) * requests,
        cpu_ms=0.0,
    )
