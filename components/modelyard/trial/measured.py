"""The figures of one load run: latency as callers saw it, and by stage what the server did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .load import LoadResult
from .statistics import ServerStatistics


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % confidence, by a bootstrap over blocks of time, since neighbouring requests share queues."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class StageMeasured:
    model: str
    executions: int
    mean_batch: float | None
    batches: Mapping[int, int]
    """Executions by batch size."""
    queue_ms: float
    """Mean for a request."""
    execution_ms: float | None
    """Mean of an execution: input, inference and output."""
    utilisation: float | None
    """Share of the time that an instance was executing, 0 to 1; None: the instances are not known."""
    cpu_ms: float | None
    """Processor time of the stage's own processes for a row; None: it has none, or they are elsewhere."""


@dataclass(frozen=True, slots=True)
class Second:
    """One second of the run."""

    second: int
    sent: int
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
    throughput: float
    """Answers per second."""
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
    waited_for_connection: int
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
        ValueError: no request was meant to be sent in the measured part.
    """
    raise NotImplementedError
