"""The figures of one load run: latency as callers saw it, and by stage what the server did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .load import LoadResult, OpenLoop
from .statistics import ServerStatistics, StageStatistics

_RESAMPLES = 400
_BLOCKS = 30
_SHARES = (*(share / 100 for share in range(1, 100)), 0.995, 0.999, 0.9999, 1.0)
_NOTICEABLE_MS = 1.0


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % confidence, by a bootstrap over blocks of time, since neighbouring requests share queues."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StageMeasured:
    """An ensemble executes nothing itself; asked for, it counts each request as an execution of its own."""

    model: str
    executions: int
    failures: int
    cache_hits: int
    mean_batch: float | None
    """Rows in an execution; None without any."""
    batches: Mapping[int, int]
    """Executions by batch size."""
    queue_ms: float
    """Mean for a request."""
    execution_ms: float | None
    """Mean of an execution: input, inference and output."""
    utilisation: float | None
    """Share of the time that an instance was executing, 0 to 1; None: the instances are not known."""
    cpu_ms: float | None
    """Processor time of the stage's own processes for an execution; None: it has none, or they are elsewhere."""


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the run."""

    second: int
    sent: int
    """Meant to be sent in it; the figures below are of these."""
    answered: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies in milliseconds from when a request was meant to be sent to its answer. A request that was given
    up counts in the percentiles with the time until then, which is less than it would have taken; one that was
    answered with an error counts in ``failures`` alone."""

    offered_per_second: float | None
    """None in a closed loop."""
    seconds: float
    requests: int
    answered: int
    failures: Mapping[str, int]
    """By reason."""
    throughput: float
    """Answers per second within the measured part."""
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    p50_interval_ms: Interval
    p99_interval_ms: Interval
    throughput_interval: Interval
    latencies: tuple[tuple[float, float], ...]
    """Points of the distribution: share of the requests, and the milliseconds within which they were answered."""
    by_second: tuple[Second, ...]
    stages: tuple[StageMeasured, ...]
    cpu_ms: float | None
    """The server's processor time for an answered request; None: it runs elsewhere."""
    generator_cpu_ms: float
    """The generator's, for a request."""
    late_p99_ms: float
    """How late the generator was in sending, 99th percentile."""
    late_requests: int
    """Sent more than a millisecond late."""
    waited_in_flight: int
    """Requests that waited because as many as may be at a time had no answer yet: the server was overwhelmed."""
    invalid: str | None
    """Why the figures say nothing about the server; None: they do."""


def measured(
    result: LoadResult, statistics: ServerStatistics | None = None, *, instances: Mapping[str, int] | None = None
) -> Measured:
    """The figures of a run.

    Args:
        statistics: of the server between the start of the measured part and its end; None: not to be had.
        instances: of each stage, for its utilisation.

    Raises:
        ValueError: no request was answered or given up in the measured part, so that there is no latency.
    """
    import numpy as np

    intended = np.frombuffer(result.intended_s) if result.intended_s else np.empty(0)
    latency = np.frombuffer(result.latency_ms) if result.latency_ms else np.empty(0)
    late = np.frombuffer(result.late_ms) if result.late_ms else np.empty(0)
    outcome = np.asarray(result.outcome)
    counted = outcome <= 1
    if not counted.any():
        reasons = "; ".join(f"{reason} ({count})" for reason, count in result.failures.items())
        raise ValueError(f"no request was answered: {reasons or 'none was to be sent'}")
    plan, answered = result.plan, int((outcome == 0).sum())
    times = latency[counted]
    p50, p90, p95, p99, p999 = (float(each) for each in np.quantile(times, (0.5, 0.9, 0.95, 0.99, 0.999)))
    resampled = _resampled(intended[counted], times, intended[outcome == 0], plan.seconds)
    throughput = result.answers_in_time / plan.seconds
    spread = np.quantile(resampled["answered"], (0.025, 0.975)) / max(answered, 1)
    return Measured(
        offered_per_second=plan.loop.requests_per_second if isinstance(plan.loop, OpenLoop) else None,
        seconds=plan.seconds,
        requests=len(outcome),
        answered=answered,
        failures=dict(result.failures),
        throughput=throughput,
        mean_ms=float(times.mean()),
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        p999_ms=p999,
        max_ms=float(times.max()),
        p50_interval_ms=_interval(resampled["p50"], p50),
        p99_interval_ms=_interval(resampled["p99"], p99),
        throughput_interval=Interval(throughput * float(spread[0]), throughput * float(spread[1])),
        latencies=tuple((share, float(ms)) for share, ms in zip(_SHARES, np.quantile(times, _SHARES), strict=True)),
        by_second=_by_second(intended, latency, outcome, plan.seconds),
        stages=_stages(statistics, instances or {}),
        cpu_ms=_cpu_ms(statistics, result.answers_in_time),
        generator_cpu_ms=1000 * result.generator_cpu_s / len(outcome),
        late_p99_ms=float(np.quantile(late, 0.99)),
        late_requests=int((late > _NOTICEABLE_MS).sum()),
        waited_in_flight=result.waited_in_flight,
        invalid=result.invalid,
    )


def _resampled(intended: Any, times: Any, answered: Any, seconds: float) -> dict[str, Any]:
    """Statistics of runs put together from blocks of this one, drawn with replacement, with a fixed seed."""
    import numpy as np

    blocks = _BLOCKS
    edges = np.linspace(0, seconds, blocks + 1)
    bounds = np.searchsorted(intended, edges[1:-1])
    pieces = np.split(times, bounds)
    counts = np.histogram(answered, edges)[0]
    chance = np.random.default_rng(0)
    resamples = max(100, min(_RESAMPLES, 20_000_000 // max(len(times), 1)))
    drawn = chance.integers(0, blocks, (resamples, blocks))
    quantiles: list[Any] = []
    for draw in drawn:
        sample = np.concatenate([pieces[at] for at in draw])
        if len(sample):
            quantiles.append(np.quantile(sample, (0.5, 0.99)))
    table = np.array(quantiles)
    return {"p50": table[:, 0], "p99": table[:, 1], "answered": counts[drawn].sum(axis=1)}


def _interval(resampled: Any, value: float) -> Interval:
    import numpy as np

    low, high = np.quantile(resampled, (0.025, 0.975))
    return Interval(min(float(low), value), max(float(high), value))


def _by_second(intended: Any, latency: Any, outcome: Any, seconds: float) -> tuple[Second, ...]:
    import numpy as np

    found: list[Second] = []
    for second in range(int(np.ceil(seconds))):
        start, end = np.searchsorted(intended, (second, second + 1))
        outcomes = outcome[start:end]
        times = latency[start:end][outcomes <= 1]
        p50, p99 = (float(each) for each in np.quantile(times, (0.5, 0.99))) if len(times) else (None, None)
        answered = int((outcomes == 0).sum())
        found.append(Second(second, int(end - start), answered, int(end - start) - answered, p50, p99))
    return tuple(found)


def _stages(statistics: ServerStatistics | None, instances: Mapping[str, int]) -> tuple[StageMeasured, ...]:
    if statistics is None:
        return ()
    return tuple(_stage(stage, statistics, instances.get(stage.model)) for stage in statistics.stages)


def _stage(stage: StageStatistics, statistics: ServerStatistics, instances: int | None) -> StageMeasured:
    executions = sum(batch.executions for batch in stage.batches)
    cpu_s = statistics.cpu_by_stage_s.get(stage.model)
    return StageMeasured(
        model=stage.model,
        executions=executions,
        failures=stage.failures,
        cache_hits=stage.cache_hits,
        mean_batch=sum(batch.batch_size * batch.executions for batch in stage.batches) / executions
        if executions
        else None,
        batches={batch.batch_size: batch.executions for batch in stage.batches},
        queue_ms=stage.queue_ms,
        execution_ms=1000 * stage.busy_s / executions if executions else None,
        utilisation=stage.busy_s / (statistics.seconds * instances) if instances and executions else None,
        cpu_ms=1000 * cpu_s / executions if cpu_s is not None and executions else None,
    )


def _cpu_ms(statistics: ServerStatistics | None, answers: int) -> float | None:
    if statistics is None or statistics.cpu_s is None or not answers:
        return None
    return 1000 * statistics.cpu_s / answers
