"""What an estimate leaves out, in sentences, and what to declare for it."""

from __future__ import annotations

from collections.abc import Mapping

from ..visible_text import one_line
from .conclusion import counted
from .plan import PlanDocument


def unpriced_by_reason(document: PlanDocument) -> list[str]:
    """What depends on use, one line for each quantity that prices it; then one line for each other thing and reason.
    Each says how many resources it stands for."""
    by_key: dict[str, dict[str, None]] = {}
    resources: dict[str, set[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    for entry in document.costs.unpriced:
        what, key = one_line(entry.what), next((each.key for each in entry.remedies if each.by_use), None)
        if key is None:
            counts[what, one_line(entry.reason)] = counts.get((what, one_line(entry.reason)), 0) + 1
        else:
            by_key.setdefault(key, {})[what] = None
            resources.setdefault(key, set()).add(entry.urn)
    return [
        *(
            f"{', '.join(things)} ({counted(len(resources[key]), 'resource', 'resources')}): depends on use; declare "
            f"the assumption {key} to price it"
            for key, things in by_key.items()
        ),
        *(
            f"{what} ({counted(number, 'resource', 'resources')}): {reason}" if number > 1 else f"{what}: {reason}"
            for (what, reason), number in counts.items()
        ),
    ]


def to_declare(document: PlanDocument) -> tuple[str, list[str]]:
    """What to put into platform.yaml for prices of what has none, as a sentence and as lines of YAML; no lines where
    nothing can be said before somebody finds a price."""
    from ..cost.declarations import declarations
    from ..cost.remedy import PRICE_OVERRIDES

    lines = declarations(document.costs.unpriced)
    if not lines:
        return "", []
    left = sum(
        not each.remedies or any(remedy.key == PRICE_OVERRIDES for remedy in each.remedies)
        for each in document.costs.unpriced
    )
    rest = f"; {counted(left, 'item is', 'items are')} left, which need a price of your own" if left else ""
    where = f"{document.environment}/platform.yaml"
    return f"With figures of your own in place of these examples, this in {where} prices them{rest}:", lines


def priced(share: Mapping[str, float]) -> str:
    """How many resources have a price, in words; and how many of those whose cost is known before their use."""
    words = f"{percentage(share['resources'])} of billable resources"
    if share["fixed"] == share["resources"]:
        return words
    return f"{words}, {percentage(share['fixed'])} of those that do not cost by use alone"


def percentage(share: float) -> str:
    """A share as a percentage that says 100 only when nothing is left out."""
    return "100%" if share >= 1 else f"{min(share * 100, 99.9):.1f}%"
