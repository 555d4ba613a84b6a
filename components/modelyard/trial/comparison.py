"""Measured beside predicted, as rows of text, for the terminal and the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .result import TrialResult


class Row(NamedTuple):
    """One figure."""

    what: str
    measured: str
    predicted: str
    """Empty where there is no prediction."""
    promised: str
    """Empty where nothing is."""


class StageRow(NamedTuple):
    """One stage; each figure ``measured`` or ``measured / predicted``."""

    model: str
    batch: str
    queue_ms: str
    execution_ms: str
    utilisation: str
    executions: str


def rows(result: TrialResult) -> list[Row]:
    """Latencies, throughput and processor time; empty without a load."""
    seen, thought, promise = result.measured, result.predicted, result.promise
    if seen is None:
        return []
    found = [
        Row(f"{name} ms", milliseconds(getattr(seen, field)), _of(thought, field), "")
        for name, field in (("p50", "p50_ms"), ("p95", "p95_ms"))
    ]
    found.append(
        Row(
            "p99 ms",
            f"{milliseconds(seen.p99_ms)} ({milliseconds(seen.p99_interval_ms.low)} to "
            f"{milliseconds(seen.p99_interval_ms.high)})",
            _of(thought, "p99_ms"),
            f"{promise.p99_ms:g}" if promise else "",
        )
    )
    found.append(Row("maximum ms", milliseconds(seen.max_ms), "", ""))
    found.append(
        Row(
            "answers per second",
            f"{seen.throughput:,.4g}",
            f"{thought.throughput:,.4g}" if thought else "",
            f"{promise.requests_per_second:,.4g}" if promise else "",
        )
    )
    failed = sum(seen.failures.values())
    found.append(Row("requests, failed", f"{seen.requests:,}, {failed:,}", "", ""))
    if seen.cpu_ms is not None:
        found.append(Row("processor ms a request", milliseconds(seen.cpu_ms), _of(thought, "cpu_ms"), ""))
    return found


def stage_rows(result: TrialResult) -> list[StageRow]:
    """One for each model that executes; empty where the server's statistics are not known."""
    return list(_stages(result))


def failures(result: TrialResult) -> list[str]:
    """Why requests failed, most often first."""
    seen = result.measured
    if seen is None:
        return []
    return [f"{count:,} requests: {why}" for why, count in sorted(seen.failures.items(), key=lambda each: -each[1])]


def milliseconds(value: float) -> str:
    """Three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _stages(result: TrialResult) -> Iterator[StageRow]:
    for stage in result.measured.stages if result.measured else ():
        thought = result.predicted.stage(stage.model) if result.predicted else None
        yield StageRow(
            stage.model,
            _both(stage.mean_batch, thought.mean_batch if thought else None),
            _both(stage.queue_ms, thought.queue_ms if thought else None),
            _both(stage.execution_ms, thought.execution_ms if thought else None),
            _both(stage.utilisation, thought.utilisation if thought else None, percent=True),
            f"{stage.executions:,}",
        )


def _both(seen: float | None, thought: float | None, *, percent: bool = False) -> str:
    def text(value: float | None) -> str:
        if value is None:
            return "-"
        return f"{value:.0%}" if percent else f"{value:.3g}"

    return text(seen) if thought is None else f"{text(seen)} / {text(thought)}"


def _of(thought: object, field: str) -> str:
    value = getattr(thought, field, None)
    return "" if value is None else milliseconds(value)
