"""A prediction beside several runs of the same: errors, the runs' own spread, and which of the two says something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from modelyard.sizing.profile import MeasuredProfile
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Configured:
    """Of every stage alike."""

    batch: int
    delay_us: int
    instances: int = 1

    def __str__(self) -> str:
        side_by_side = f" x{self.instances}" if self.instances > 1 else ""
        return f"{self.batch}, {self.delay_us} us{side_by_side}"


@dataclass(frozen=True)
class Compared:
    """A figure of one point."""

    predicted: float
    runs: tuple[float, ...]

    @property
    def measured(self) -> float:
        return median(self.runs)

    @property
    def error(self) -> float:
        return abs(self.predicted / self.measured - 1)

    @property
    def spread(self) -> float:
        return (max(self.runs) - min(self.runs)) / self.measured

    @property
    def drowned(self) -> bool:
        """Whether the runs differ by more than the prediction does from them."""
        return self.spread > self.error


@dataclass(frozen=True)
class Point:
    subject: str
    configured: Configured
    rate: float
    figures: dict[str, Compared]
    """p50_ms, p99_ms, throughput, cpu_ms, and by stage ``batch of NAME`` and ``queue of NAME``."""
    invalid: tuple[str, ...]
    """Why runs were left out: the sender could not keep the rate."""


def show(points: Sequence[Point]) -> None:
    console = Console(width=max(Console().width, 132))
    table = Table(title="predicted / median of the runs, ms; error and the runs' own spread", title_justify="left")
    for column in (
        "", "batch, delay", "rate", "p50", "p99", "p99 error", "its spread", "counted", "answered", "CPU ms", "batches",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column in ("", "batch, delay") else "right")
    for point in points:
        figures, p99 = point.figures, point.figures["p99_ms"]
        batches = " ".join(
            f"{of.predicted:.1f}/{of.measured:.1f}" for name, of in figures.items() if name.startswith("batch")
        )
        table.add_row(
            point.subject,
            str(point.configured),
            f"{point.rate:g}",
            _beside(figures["p50_ms"]),
            _beside(p99),
            f"{p99.predicted / p99.measured - 1:+.0%}",
            f"{p99.spread:.0%}",
            "apart" if p99.drowned else "yes",
            f"{figures['throughput'].measured:.1%}",
            _beside(figures["cpu_ms"], 2) if "cpu_ms" in figures else "",
            batches,
        )
    console.print(table)
    for line in verdicts(points):
        console.print(line, soft_wrap=True, highlight=False)


def verdicts(points: Sequence[Point]) -> list[str]:
    lines = []
    for subject in dict.fromkeys(point.subject for point in points):
        of = [point for point in points if point.subject == subject]
        for name, label in (("p99_ms", "p99"), ("p50_ms", "p50"), ("throughput", "throughput"), ("cpu_ms", "CPU time")):
            lines.append(f"{subject}: {_verdict([p.figures[name] for p in of if name in p.figures], label)}")
        batches = [figure for p in of for name, figure in p.figures.items() if name.startswith("batch")]
        lines.append(f"{subject}: {_verdict(batches, 'mean batch')}")
    for name, label in (("p99_ms", "p99"), ("throughput", "throughput")):
        figures = [point.figures[name] for point in points]
        # Those apart are the ones that missed by more than they vary, so the largest errors: both verdicts are given.
        apart = [figure for figure in figures if not figure.drowned]
        lines.append(
            f"all {len(points)} combinations, {_holds(figures)}; those apart, {_holds(apart)}: "
            f"{_verdict(figures, label)}"
        )
    left_out = sum(len(point.invalid) for point in points)
    if left_out:
        lines.append(f"{left_out} runs were left out: the sender could not keep the rate")
    return lines


def _verdict(figures: Sequence[Compared], label: str) -> str:
    counted = [figure.error for figure in figures if not figure.drowned]
    drowned = len(figures) - len(counted)
    errors = [figure.error for figure in figures]
    said = f"{label} error, median {median(errors):.1%}, worst {max(errors):.1%} of {len(errors)}"
    if counted:
        said += (
            f"; {len(counted)} with a spread below their error: median {median(counted):.1%}, worst {max(counted):.1%}"
        )
    return f"{said}; {drowned} with a wider one; median spread {median(f.spread for f in figures):.1%}"


def _holds(figures: Sequence[Compared]) -> str:
    """Whether the median lies within 15 % and the worst within 40 %."""
    errors = [figure.error for figure in figures]
    return "holds" if not errors or (median(errors) <= 0.15 and max(errors) <= 0.40) else "does not hold"


def _beside(figure: Compared, digits: int = 1) -> str:
    return f"{figure.predicted:.{digits}f}/{figure.measured:.{digits}f}"


def document(
    points: Sequence[Point], profiles: dict[str, MeasuredProfile], repeats: int, seconds: float, cores: int
) -> dict[str, Any]:
    return {
        "benchmark": "predicted vs measured",
        "cores": cores,
        "repeats": repeats,
        "seconds": seconds,
        "profiles": {name: json.loads(profile.text()) for name, profile in profiles.items()},
        "points": [
            {
                "subject": point.subject,
                "configured": asdict(point.configured),
                "rate": point.rate,
                "invalid": point.invalid,
                "figures": {
                    name: {"predicted": of.predicted, "runs": of.runs, "error": of.error, "spread": of.spread}
                    for name, of in point.figures.items()
                },
            }
            for point in points
        ],
    }
