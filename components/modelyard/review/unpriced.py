"""What an estimate leaves out, in sentences."""

from __future__ import annotations

from ..visible_text import one_line
from .conclusion import counted
from .plan import PlanDocument


def unpriced_by_reason(document: PlanDocument) -> list[str]:
    """One line for each thing and reason, with how many resources it stands for."""
    counts: dict[tuple[str, str], int] = {}
    for entry in document.costs.unpriced:
        key = (one_line(entry.what), one_line(entry.reason))
        counts[key] = counts.get(key, 0) + 1
    return [
        f"{what} ({counted(number, 'resource', 'resources')}): {reason}" if number > 1 else f"{what}: {reason}"
        for (what, reason), number in counts.items()
    ]


def percentage(share: float) -> str:
    """A share as a percentage that says 100 only when nothing is left out."""
    return "100%" if share >= 1 else f"{min(share * 100, 99.9):.1f}%"
