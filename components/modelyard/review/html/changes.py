"""What the plan changes of an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import bullets, safe
from ..change_text import HEADS, headline, sentence
from ..plan import PlanDocument

_SHOWN = 200


def changes_section(document: PlanDocument) -> Iterator[str]:
    """Nothing where there is no earlier plan."""
    if document.changes is None:
        return
    yield f'<section id="changes"><h2>Changes</h2>\n<p>{safe(headline(document.changes))}</p>\n'
    for kind, head in HEADS.items():
        found = document.changes.of_kind(kind)
        if not found:
            continue
        opened = " open" if kind in ("replaced", "gone") else ""
        yield f"<details{opened}><summary>{safe(head)}: {len(found):,}</summary>\n"
        yield from bullets(sentence(change) for change in found[:_SHOWN])
        if len(found) > _SHOWN:
            yield f'<p class="quiet">and {len(found) - _SHOWN:,} more in the JSON document</p>\n'
        yield "</details>\n"
    yield "</section>\n"
