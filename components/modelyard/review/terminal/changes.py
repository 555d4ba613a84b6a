"""What the plan changes of an earlier one."""

from __future__ import annotations

from rich.text import Text

from ..change_text import HEADS, headline, sentence
from ..plan import PlanDocument
from .section import Page

_STYLES = {"replaced": "bold red", "gone": "red", "new": "green"}


def print_changes(document: PlanDocument, page: Page) -> None:
    """Nothing where there is no earlier plan."""
    if document.changes is None:
        return
    page.heading("Changes", headline(document.changes))
    for kind, head in HEADS.items():
        found = document.changes.of_kind(kind)
        if found:
            page.console.print(Text(page.text(head), style=_STYLES.get(kind, "")))
        for change in page.first(found):
            page.item(sentence(change))
        page.rest(found)
