"""The page of a trial: what was tried and on what, the conclusion, figures, charts and checks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...page.element import bullets, safe, table
from ...page.page import Heading, page
from ...review.version import version
from ..comparison import failures, milliseconds, rows, stage_rows
from ..result import TrialResult
from .figures import CHARTS, figures


def parts(result: TrialResult) -> Iterator[str]:
    """The page's text, part by part; see :func:`modelyard.page.page.page`."""
    drawn = figures(result)
    yield from page(
        Heading(
            title=f"Trial of {result.model}",
            beside=f"environment {result.environment}" if result.environment else "",
            good=not result.exit_code,
            conclusion=f"{result.conclusion}.",
            facts=_facts(result),
            skip="Skip to the result",
        ),
        _sections(result, drawn),
        figures=drawn,
        footer=f"Modelyard {version()}. Started {result.started_at}.",
    )


def _sections(result: TrialResult, drawn: dict[str, Any]) -> Iterator[str]:
    yield from _differences(result)
    yield from _figures(result, drawn)
    yield from _checks(result)
    yield from _repository(result)


def _facts(result: TrialResult) -> Iterator[tuple[str, str]]:
    seen = result.measured
    if seen is not None:
        yield milliseconds(seen.p99_ms), "p99 in ms"
        yield f"{seen.throughput:,.4g}", "answers per second"
    yield result.server.version, "server that was tried"
    yield result.release, "release that is deployed"
    passed = sum(check.passed for check in result.smoke.checks)
    yield f"{passed} of {len(result.smoke.checks)}", "smoke checks passed"
    if result.golden is not None:
        yield str(result.golden.cases), "golden cases"


def _differences(result: TrialResult) -> Iterator[str]:
    """What is not as it would be deployed, before any figure."""
    server = result.server
    where = server.url or f"this machine, {server.cores} cores of {server.processor}"
    release = f" of release {server.release}" if server.release else ""
    told = [f"Tried on {server.name} {server.version}{release}, {where}; deployed on release {result.release}."]
    told += [f"Substitute: {each}. Its timings size nothing." for each in result.substitutes]
    told += [f"{name} asks for a GPU and ran on the CPU." for name in result.moved]
    told += [f"{notice}." for notice in result.notices]
    yield '<section id="notices"><h2>What was tried</h2>\n'
    yield from bullets(told)
    yield "</section>\n"


def _figures(result: TrialResult, drawn: dict[str, Any]) -> Iterator[str]:
    shown = rows(result)
    if not shown or result.measured is None:
        return
    yield '<section id="load"><h2>Load</h2>\n'
    yield f"<p>{safe(f'{result.rate:g}')} requests per second for {result.measured.seconds:g} s. A latency counts from "
    yield "when a request was meant to be sent. The range of the p99 is its 95 % interval.</p>\n"
    if result.measured.invalid:
        yield f'<p class="late">These figures say nothing of the server: {safe(result.measured.invalid)}.</p>\n'
    heads = (("", ""), ("measured", "num"), ("predicted", "num"), ("objective", "num"))
    yield from table(heads, ([safe(cell) for cell in row] for row in shown), "Measured beside predicted")
    if result.predicted is not None:
        yield f'<p class="quiet">Predicted from: {safe(result.predicted.source)}.</p>\n'
    elif result.unpredicted:
        yield f'<p class="quiet">No prediction: {safe(result.unpredicted)}.</p>\n'
    if failed := failures(result):
        yield from bullets(failed, "bad")
    for name in CHARTS:
        if name in drawn:
            yield f'<div class="chart" id="{name}"></div>\n'
    stages = stage_rows(result)
    if stages:
        both = ", measured / predicted" if result.predicted else ""
        names = ("stage", "mean batch", "queue ms", "execution ms", "busy", "executions")
        yield f"<h3>By stage{both}</h3>\n"
        heads = tuple((name, "num" if at else "") for at, name in enumerate(names))
        yield from table(heads, ([safe(cell) for cell in row] for row in stages), "By stage")
    yield "</section>\n"


def _checks(result: TrialResult) -> Iterator[str]:
    yield '<section id="checks"><h2>Answers</h2>\n'
    heads = (("check", ""), ("outcome", ""), ("ms", "num"))
    lines = (
        (
            safe(check.name),
            '<span class="good">passed</span>' if check.passed else f'<span class="late">{safe(check.detail)}</span>',
            "" if check.milliseconds is None else milliseconds(check.milliseconds),
        )
        for check in result.smoke.checks
    )
    yield from table(heads, lines, "Smoke test")
    if result.golden is not None:
        wrong = result.golden.mismatches
        yield f"<h3>Golden responses</h3>\n<p>{result.golden.cases} cases, "
        yield f"{len(wrong)} mismatches.</p>\n" if wrong else "all as expected.</p>\n"
        if wrong:
            yield from bullets(wrong, "bad")
    yield "</section>\n"


def _repository(result: TrialResult) -> Iterator[str]:
    yield '<section id="models"><h2>Repository</h2>\n'
    heads = (
        ("model", ""), ("backend", ""), ("largest batch", "num"), ("instances", "num"), ("queue delay µs", "num"),
    )  # fmt: skip
    lines = (
        (
            safe(model.name),
            safe(model.backend or model.format),
            str(model.max_batch_size),
            "" if model.instances is None else str(model.instances),
            "" if model.queue_delay_us is None else f"{model.queue_delay_us:,}",
        )
        for model in result.models
    )
    yield from table(heads, lines, "As it would be deployed")
    yield f'<p class="quiet">Digest {safe(result.digest)}</p>\n</section>\n'
