"""Several servers under the same load, by turns, and what the figures are worth.

A machine's speed drifts. So the servers take turns in every round, each round begins with another of them, and ratios
are taken within a round; the median over the rounds comes with the interval that holds it with 95 % confidence (from
the order statistics, which assume nothing about the distribution; of fewer than six rounds, the whole range).
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from modelyard.trial.address import ServerAddress
from modelyard.trial.load import ClosedLoop, LoadPlan, LoadResult, load
from modelyard.trial.measured import measured
from modelyard.trial.statistics import Counters, between, counters


@dataclass(frozen=True)
class Subject:
    """A running server, and what is sent to it."""

    name: str
    address: ServerAddress
    model: str
    requests: tuple[Any, ...]
    """Each with a method ``http(address, model, version)`` that gives a whole HTTP/1.1 request."""
    stages: tuple[str, ...] = ()
    """Models whose counters are read; empty for a server without Triton's statistics."""


@dataclass(frozen=True)
class Run:
    """One server under so many callers at a time, once."""

    subject: str
    concurrency: int
    round: int
    throughput: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float | None
    """The server's processor time for an answer."""
    client_cpu_ms: float
    mean_batch: dict[str, float] = field(default_factory=dict)
    """Rows in an execution, by stage."""


def interleaved(
    subjects: Sequence[Subject],
    concurrencies: Sequence[int],
    *,
    rounds: int,
    seconds: float,
    warm_up_s: float = 0.5,
) -> list[Run]:
    """Every server at every concurrency, ``rounds`` times, with a progress bar on standard error."""
    runs: list[Run] = []
    with _Bar(len(subjects) * len(concurrencies) * rounds) as advance:
        for number in range(rounds):
            first = number % len(subjects)
            for concurrency in concurrencies:
                for subject in (*subjects[first:], *subjects[:first]):
                    advance(f"round {number + 1} of {rounds}: {subject.name}, {concurrency} at a time")
                    runs.append(_run(subject, concurrency, number, seconds, warm_up_s))
    return runs


def _run(subject: Subject, concurrency: int, number: int, seconds: float, warm_up_s: float) -> Run:
    before: list[Counters] = []
    plan = LoadPlan(
        model=subject.model,
        loop=ClosedLoop(concurrency),
        requests=subject.requests,
        seconds=seconds,
        warm_up_s=warm_up_s,
        timeout_s=30.0,
    )
    result = load(subject.address, plan, measuring=lambda: before.append(counters(subject.address, subject.stages)))
    happened = between(before[0], counters(subject.address, subject.stages))
    _refuse_failures(subject, result)
    figures = measured(result, happened)
    return Run(
        subject=subject.name,
        concurrency=concurrency,
        round=number,
        throughput=figures.throughput,
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        cpu_ms=figures.cpu_ms,
        client_cpu_ms=figures.generator_cpu_ms,
        mean_batch={stage.model: stage.mean_batch for stage in figures.stages if stage.mean_batch is not None},
    )


def _refuse_failures(subject: Subject, result: LoadResult) -> None:
    """A server that answers errors quickly must not look fast."""
    if result.failures:
        sys.exit(f"{subject.name} did not answer: {dict(result.failures)}")


@dataclass(frozen=True)
class Figure:
    """A median over rounds and its interval."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Figure:
        ordered = sorted(values)
        skipped = _skipped(len(ordered))
        return cls(statistics.median(ordered), ordered[skipped], ordered[-1 - skipped])

    def text(self, digits: int = 0, unit: str = "") -> str:
        return f"{self.median:,.{digits}f}{unit} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"


def _skipped(count: int) -> int:
    """How many values on each side lie outside the interval that holds the median with 95 % confidence."""
    outside, skipped = 0.0, 0
    while skipped < count // 2:
        outside += 2 * math.comb(count, skipped) / 2**count
        if outside > 0.05:
            break
        skipped += 1
    return max(skipped - 1, 0)


def figure(runs: Sequence[Run], subject: str, concurrency: int, name: str) -> Figure:
    """A field of the runs of one server at one concurrency."""
    return Figure.of(_values(runs, subject, concurrency, name).values())


def ratio(runs: Sequence[Run], subject: str, over: str, concurrency: int, name: str) -> Figure:
    """The ratio within each round of one server's figure over another's."""
    ours, theirs = _values(runs, subject, concurrency, name), _values(runs, over, concurrency, name)
    return Figure.of(ours[number] / theirs[number] for number in ours.keys() & theirs.keys())


def _values(runs: Sequence[Run], subject: str, concurrency: int, name: str) -> dict[int, float]:
    return {
        run.round: value
        for run in runs
        if run.subject == subject and run.concurrency == concurrency and (value := getattr(run, name)) is not None
    }


def document(runs: Sequence[Run], about: dict[str, Any]) -> dict[str, Any]:
    """For ``--json``."""
    return {**about, "runs": [asdict(run) for run in runs]}


class _Bar:
    """Progress on standard error, where somebody watches a terminal."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        watched = sys.stderr.isatty()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not watched)
        self._task = self._bar.add_task("", total=total)
        self._begun = 0

    def __enter__(self) -> Any:
        self._bar.__enter__()
        return self._advance

    def __exit__(self, *error: Any) -> None:
        self._bar.__exit__(*error)

    def _advance(self, description: str) -> None:
        self._bar.update(self._task, completed=self._begun, description=description)
        self._begun += 1
