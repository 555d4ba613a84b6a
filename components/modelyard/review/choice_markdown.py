"""What was compared of running each model with a traffic profile, for a pull request's comment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .choices import HEADS, cells, decides, heading, standing, title
from .plan import PlanDocument

_MODELS = 10
_OPTIONS = 12


def choices_markdown(document: PlanDocument, escaped: Callable[[object], str]) -> Iterator[str]:
    """Nothing where no model says when its requests come.

    Args:
        document: the plan.
        escaped: makes text safe in markdown.
    """
    if not document.choices:
        return
    yield "### Where to run\n\n"
    for found in document.choices[:_MODELS]:
        choice = found.choice
        yield f"**{escaped(title(found))}**: {escaped(standing(found))}.\n\n"
        yield f"| {' | '.join(heading(head) for head in HEADS)} |\n|---|---|--:|--:|--:|--:|---|\n"
        for option in choice.options[:_OPTIONS]:
            row = cells(option, chosen=option is choice.chosen)
            yield f"| {' | '.join(cell if cell.startswith('$') else escaped(cell) for cell in row)} |\n"
        if len(choice.options) > _OPTIONS:
            yield f"\nand {len(choice.options) - _OPTIONS:,} more options.\n"
        yield "\n"
        for sentence in decides(choice)[:_OPTIONS]:
            yield f"- {escaped(sentence)}\n"
        yield "\n"
    if len(document.choices) > _MODELS:
        yield f"and {len(document.choices) - _MODELS:,} more models.\n\n"
