"""The whole plan, top to bottom: what would exist, what it serves, what the figures rest on; and last, where the
reader's eye is when the command ends, what is wrong, what it costs and what to do next."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.text import Text

from ..conclusion import conclusion, counted
from ..money import dollars
from ..plan import PlanDocument
from ..summary import facts, next_steps
from .changes import print_changes
from .choices import print_choices
from .costs import print_basis, print_costs
from .models import print_models
from .placement import print_placement
from .policies import print_policies
from .section import Page
from .stacks import print_stacks

_NARROWEST = 60
"""Columns; below, tables would break words into single letters, so that the terminal's own wrapping reads better."""


def print_plan(document: PlanDocument, file: IO[str], *, full: bool = False) -> None:
    """Write the plan to ``file``.

    ``full`` shows every resource and every finding; otherwise long lists end with how many more there are. Colour
    and width follow the terminal (``NO_COLOR`` and ``COLUMNS`` are honoured); a file or a pipe gets plain text.
    """
    console = _Console(file=file, markup=False, highlight=False, emoji=False)
    console.width = max(console.width, _NARROWEST)
    page = Page(console, full)
    _headline(document, page)
    print_stacks(document, page)
    print_models(document, page)
    print_choices(document, page)
    print_placement(document, page)
    print_basis(document, page)
    _notices(document, page)
    print_changes(document, page)
    print_policies(document, page)
    print_costs(document, page)
    _summary(document, page)


class _Console(Console):
    """Leaves a reader who went away to the caller, whose exit code is the plan's."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _headline(document: PlanDocument, page: Page) -> None:
    line = Text()
    line.append(page.text(document.environment), style="bold")
    facts = [
        f"tier {document.tier}",
        counted(len(document.stacks), "stack", "stacks"),
        counted(document.resource_count(), "resource", "resources"),
        f"{dollars(document.costs.total)} a month",
    ]
    line.append(page.text(": " + ", ".join(facts)))
    page.console.print(line)


def _summary(document: PlanDocument, page: Page) -> None:
    page.heading("Summary")
    table = page.table()
    table.show_header = False
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for figure, words in facts(document):
        table.add_row(Text(page.text(figure), style="bold"), Text(page.text(words)))
    page.console.print(table)
    page.console.print()
    page.console.print(Text(conclusion(document), style="bold red" if document.broken else "bold green"))
    steps = next_steps(document)
    if steps:
        page.console.print(Text("Next:"))
    for step in steps:
        page.item(step)


def _notices(document: PlanDocument, page: Page) -> None:
    if not document.notices:
        return
    page.heading("Notices")
    for notice in page.first(document.notices):
        page.item(notice, "yellow")
    page.rest(document.notices)
