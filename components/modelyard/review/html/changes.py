"""What the plan changes of an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import bullets, safe
from ..change_text import DECLARED_HEAD, HEADS, LOST_HEAD, headline, lost_sentences, sentence
from ..plan import PlanDocument
from ..recreation_text import recreation_sentence

_SHOWN = 200


def changes_section(document: PlanDocument) -> Iterator[str]:
    """Nothing where there is no earlier plan."""
    if document.changes is None:
        return
    yield f'<section id="changes"><h2>Changes</h2>\n<p>{safe(headline(document.changes))}</p>\n'
    for head, sentences in (
        (LOST_HEAD, [*lost_sentences(document.changes)]),
        (DECLARED_HEAD, [recreation_sentence(each) for each in document.changes.recreations]),
    ):
        if sentences:
            yield f"<h3>{safe(head)}: {len(sentences):,}</h3>\n"
            yield from bullets(sentences[:_SHOWN])
            if len(sentences) > _SHOWN:
                yield f'<p class="quiet">and {len(sentences) - _SHOWN:,} more in the JSON document</p>\n'
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
