"""A trial's result for a terminal: what is not as deployed, what was checked, the figures, and last the conclusion."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..visible_text import one_line
from .comparison import failures, rows, stage_rows
from .result import TrialResult

_NARROWEST = 60


def print_result(result: TrialResult, file: IO[str]) -> None:
    """Write it; a file or a pipe gets plain text."""
    console = TrialConsole(file)
    server = result.server
    where = server.url or f"on this machine ({server.cores} cores of {server.processor})"
    release = f" (release {server.release})" if server.release else ""
    tried = server.version if server.name == "Triton" else f"{server.name} {server.version}"
    print_line(
        console,
        f"{result.model}: deployed on Triton release {result.release}; tried on {tried}{release}, {where}",
    )
    for each in result.substitutes:
        print_line(console, f"Substitute: {each}; its timings size nothing")
    for name in result.moved:
        print_line(console, f"Moved: {name} asks for a GPU and ran on the CPU")
    for notice in result.notices:
        print_line(console, f"Notice: {notice}")
    _checks(result, console)
    _figures(result, console)
    _stages(result, console)
    if result.profile_path:
        print_line(console, f"Profile written: {result.profile_path}")
    print_line(console, f"{result.conclusion}.", style="bold" if result.exit_code == 0 else "bold red")


class TrialConsole(Console):
    """Plain text, of a width that holds a table; leaves a reader who went away to the caller."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, markup=False, highlight=False, emoji=False)
        self.width = max(self.width, _NARROWEST)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _checks(result: TrialResult, console: Console) -> None:
    passed = sum(check.passed for check in result.smoke.checks)
    print_line(console, f"Smoke test: {passed} of {len(result.smoke.checks)} checks passed")
    for check in result.smoke.checks:
        if not check.passed:
            print_line(console, f"  {check.name}: {check.detail}", style="red")
    if result.golden is not None:
        cases, wrong = result.golden.cases, len(result.golden.mismatches)
        print_line(console, f"Golden responses: {cases} cases, {f'{wrong} mismatches' if wrong else 'all as expected'}")
        for mismatch in result.golden.mismatches[:10]:
            print_line(console, f"  {mismatch}", style="red")


def _figures(result: TrialResult, console: Console) -> None:
    shown = rows(result)
    if not shown or result.measured is None:
        return
    table = Table(box=None, padding=(0, 3, 0, 0), title_justify="left")
    table.title = Text(f"{result.rate:g} requests per second for {result.measured.seconds:g} s", style="")
    table.add_column("")
    table.add_column("measured", justify="right")
    predicted, promised = any(row.predicted for row in shown), any(row.promised for row in shown)
    if predicted:
        table.add_column("predicted", justify="right")
    if promised:
        table.add_column("objective", justify="right")
    for row in shown:
        cells = [row.what, row.measured, *([row.predicted] * predicted), *([row.promised] * promised)]
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    console.print(table)
    for failure in failures(result):
        print_line(console, f"  {failure}", style="red")
    if result.measured.invalid:
        print_line(console, f"These figures say nothing of the server: {result.measured.invalid}", style="red")
    if result.predicted:
        print_line(console, f"Predicted from: {result.predicted.source}")
    elif result.unpredicted:
        print_line(console, f"No prediction: {result.unpredicted}")


def _stages(result: TrialResult, console: Console) -> None:
    shown = stage_rows(result)
    if not shown:
        return
    table = Table(box=None, padding=(0, 3, 0, 0), title_justify="left")
    both = " (measured / predicted)" if result.predicted else ""
    table.title = Text(f"By stage{both}", style="")
    for head in ("stage", "mean batch", "queue ms", "execution ms", "busy", "executions"):
        table.add_column(head, justify="left" if head == "stage" else "right")
    for row in shown:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console.print(table)


def print_line(console: Console, text: str, style: str = "") -> None:
    """One line of text that cannot steer the terminal."""
    console.print(Text(one_line(text), style=style))
