"""What the plan changes of an earlier one."""

from __future__ import annotations

from rich.text import Text

from ..change_text import DECLARED_HEAD, HEADS, LOST_HEAD, headline, lost_sentences, sentence
from ..plan import PlanDocument
from ..recreation_text import recreation_sentence
from .section import Page

_STYLES = {"replaced": "bold red", "gone": "red", "new": "green"}


def print_changes(document: PlanDocument, page: Page) -> None:
    """Nothing where there is no earlier plan."""
    if document.changes is None:
        return
    page.heading("Changes", headline(document.changes))
    lost = list(lost_sentences(document.changes))
    if lost:
        page.console.print(Text(page.text(LOST_HEAD), style="bold white on red"))
    for each in lost:
        page.item(each)
    declared = document.changes.recreations
    if declared:
        page.console.print(Text(page.text(DECLARED_HEAD), style="bold"))
    for each in page.first(declared):
        page.item(recreation_sentence(each))
    page.rest(declared)
    for kind, head in HEADS.items():
        found = document.changes.of_kind(kind)
        if found:
            page.console.print(Text(page.text(head), style=_STYLES.get(kind, "")))
        for change in page.first(found):
            page.item(sentence(change))
        page.rest(found)
