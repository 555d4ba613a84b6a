"""A judgement for a terminal: each gate with what it got, the traffic, the line that changes, and the conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..visible_text import one_line
from .conclusion import conclusion
from .declared_change import ChangedLine
from .judgement import ClusterJudgement, Judgement

_NARROWEST = 60
_STYLES = {"pass": "green", "fail": "bold red", "undetermined": "yellow"}


def print_judgement(
    judgement: Judgement, change: Sequence[ChangedLine], written: bool, file: IO[str], *, full: bool = False
) -> None:
    """Write it; a file or a pipe gets plain text.

    Args:
        judgement: of the canary.
        change: lines of the declaration that it changes.
        written: whether they are changed.
        file: where to.
        full: show every gate's query too.
    """
    console = _Console(file=file, markup=False, highlight=False, emoji=False)
    console.width = max(console.width, _NARROWEST)
    canary, rollout = judgement.canary, judgement.canary.rollout
    _line(
        console,
        f"{canary.model} in {canary.environment}: version {canary.version} beside version {rollout.stable}, declared "
        f"{rollout.percent} % of {', '.join(map(str, rollout.steps))}",
    )
    for each in judgement.clusters:
        _line(console, f"{each.cluster}: {_traffic(each, judgement)}")
    if canary.gates:
        console.print(_table(judgement))
    else:
        _line(console, "No gate is declared: time alone decides (rollout.gates)", style="yellow")
    if full:
        for gate in canary.gates:
            _line(console, f"  {gate.name}: {gate.query}", style="dim")
    for line in change:
        where = f"{canary.file_name}:{line.number}"
        if line.before is not None:
            _line(console, f"- {where}  {line.before.strip()}", style="red")
        if line.after is not None:
            _line(console, f"+ {where}  {line.after.strip()}", style="green")
    style = {0: "bold green", 2: "bold red"}.get(judgement.decision.exit_code, "bold yellow")
    _line(console, f"{conclusion(judgement, written)}.", style=style)


class _Console(Console):
    """Leaves a reader who went away to the caller."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _traffic(each: ClusterJudgement, judgement: Judgement) -> str:
    rollout = judgement.canary.rollout
    window = f"in the last {rollout.gates.window_minutes} min"
    if each.requests < 0.5:
        return f"no requests {window}"
    share = 100 * each.canary_requests / each.requests
    held = "" if each.held_minutes is None else f"; {rollout.percent} % is held for {each.held_minutes:.0f} min"
    asked = f", of at least {rollout.pause_minutes}" if held else ""
    return f"the canary answered {share:.1f} % of {each.requests:,.0f} requests {window}{held}{asked}"


def _table(judgement: Judgement) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), title_justify="left")
    several = len(judgement.clusters) > 1
    for head in (*(["cluster"] if several else []), "gate", "answer", "allowed", "verdict"):
        table.add_column(head, justify="right" if head == "answer" else "left", style="")
    for each in judgement.clusters:
        for answer in each.answers:
            value = "no result" if answer.value is None else f"{answer.value:.4g}"
            cells = [*([each.cluster] if several else []), answer.gate.name, value, answer.gate.allowed]
            verdict = Text(answer.outcome, style=_STYLES[answer.outcome])
            table.add_row(*(Text(one_line(cell)) for cell in cells), verdict)
    return table


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(one_line(text), style=style))
