"""What a deployed model answered, for a terminal: a table for each place, and last the conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO

from rich.table import Table
from rich.text import Text

from ..environment.target import SERVICE_OF
from ..visible_text import one_line
from .deployed import Asked, Place, SmokeOfDeployed
from .terminal import TrialConsole, print_line

_SERVICES: Mapping[str, str] = {target: name for target, name in SERVICE_OF.items() if target != "kubernetes"}
_MOST_ROWS = 20


def print_smoke(result: SmokeOfDeployed, file: IO[str]) -> None:
    """Write it; a file or a pipe gets plain text."""
    console = TrialConsole(file)
    if not result.is_known:
        print_line(console, "Notice: there is no golden.json, so requests are made up and values are not compared")
    for place in result.places:
        at = _SERVICES.get(place.target, "a gateway" if place.where else "a server")
        print_line(console, f"{result.model} at {at}{f' in {place.where}' if place.where else ''}: {place.url}")
        console.print(_table(place))
        _about(place, console)
    style = "bold" if result.exit_code == 0 else "bold red"
    print_line(console, f"{result.conclusion}.", style=style)


def _table(place: Place) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0))
    for head in ("request", "answered by", "ms", ""):
        table.add_column(head, justify="right" if head == "ms" else "left", overflow="fold")
    for each in _shown(place):
        table.add_row(*(Text(one_line(cell)) for cell in _cells(each)))
    return table


def _shown(place: Place) -> list[Asked]:
    """The first of them, and all that are not right."""
    first = place.asked[:_MOST_ROWS]
    return [*first, *(each for each in place.asked[_MOST_ROWS:] if not each.is_right)][: 2 * _MOST_ROWS]


def _cells(asked: Asked) -> tuple[str, str, str, str]:
    latency = "" if asked.latency_ms is None else f"{asked.latency_ms:.1f}"
    verdict = "no answer" if asked.unanswered else "wrong" if asked.wrong else "right"
    return asked.question, asked.served_by or "", latency, verdict


def _about(place: Place, console: TrialConsole) -> None:
    hidden = len(place.asked) - len(_shown(place))
    if hidden:
        print_line(console, f"{hidden} more requests are not shown; --json has them")
    for each in _shown(place):
        if each.wrong is not None:
            print_line(console, f"{each.question}: {each.wrong}", style="red")
    for sentence in dict.fromkeys(each.unanswered for each in place.asked if each.unanswered is not None):
        print_line(console, f"No answer: {sentence}", style="red")
    if place.median_ms is not None and len(place.asked) > 1:
        by = ", ".join(f"{who} {count}" for who, count in sorted(place.served_by.items()))
        print_line(console, f"Median {place.median_ms:.1f} ms{f'; answered by {by}' if by else ''}")
