"""What was compared of running each model with a traffic profile."""

from __future__ import annotations

from rich.text import Text

from ..choices import HEADS, cells, decides, standing, title
from ..conclusion import counted
from ..plan import PlanDocument
from .section import Page

_STYLES = {"chosen": "bold green", "misses": "red", "depends": "yellow"}


def print_choices(document: PlanDocument, page: Page) -> None:
    """Nothing where no model says when its requests come."""
    if not document.choices:
        return
    page.heading("Where to run", counted(len(document.choices), "model", "models") + " compared by its traffic")
    for found in page.first(document.choices):
        page.console.print(Text(page.text(title(found)), style="bold"))
        table = page.table()
        for position, head in enumerate(HEADS):
            table.add_column(head, overflow="fold", justify="right" if 2 <= position <= 5 else "left")
        choice = found.choice
        for option in page.first(choice.options):
            row = [page.text(cell) for cell in cells(option, chosen=option is choice.chosen)]
            table.add_row(*row[:-1], Text(row[-1], style=_STYLES.get(row[-1], "")))
        page.console.print(table)
        page.rest(choice.options)
        page.item(standing(found))
        for sentence in page.first(decides(choice)):
            page.item(sentence, "yellow")
        if page.full:
            for option in choice.options:
                page.item(f"{option.name}: {option.why}", "dim")
            for sentence in choice.assumptions:
                page.item(sentence, "dim")
    page.rest(document.choices)
