"""What the plan changes of an earlier one, for a pull request's comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .change_text import DECLARED_HEAD, HEADS, LOST_HEAD, headline, lost_sentences, sentence
from .plan import PlanDocument
from .recreation_text import recreation_sentence

_SHOWN = 20


def changes_markdown(document: PlanDocument, escaped: Callable[[object], str]) -> Iterator[str]:
    """Nothing where there is no earlier plan.

    Args:
        document: the plan.
        escaped: makes text safe in markdown.
    """
    if document.changes is None:
        return
    yield f"### Changes\n\n{escaped(headline(document.changes))}\n\n"
    for head, sentences in (
        (LOST_HEAD, [*lost_sentences(document.changes)]),
        (DECLARED_HEAD, [recreation_sentence(each) for each in document.changes.recreations]),
    ):
        if sentences:
            yield f"**{escaped(head)}**:\n\n"
            for each in sentences[:_SHOWN]:
                yield f"- {escaped(each)}\n"
            if len(sentences) > _SHOWN:
                yield f"- and {len(sentences) - _SHOWN:,} more\n"
            yield "\n"
    for kind, head in HEADS.items():
        found = document.changes.of_kind(kind)
        if not found:
            continue
        yield f"{escaped(head)}:\n\n"
        for change in found[:_SHOWN]:
            yield f"- {escaped(sentence(change))}\n"
        if len(found) > _SHOWN:
            yield f"- and {len(found) - _SHOWN:,} more\n"
        yield "\n"
