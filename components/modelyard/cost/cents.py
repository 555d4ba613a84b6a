"""Rounding to cents so that parts add up to their total (largest remainder)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def rounded(amount: Decimal) -> Decimal:
    """The amount in whole cents, halves up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def apportion(total: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """The exact parts in whole cents that add up to ``total``.

    Each part is cut to whole cents; the cents that are then missing go one by one to the parts that lost most, the
    first of equals first. So no part moves by a cent or more.

    Args:
        total: whole cents, the sum of the parts rounded up or down.
        parts: exact amounts, none negative.
    """
    cut = [part.quantize(CENT, ROUND_DOWN) for part in parts]
    missing = int((total - sum(cut, Decimal(0))) / CENT)
    if not 0 <= missing <= len(parts):
        raise ValueError(f"{total} is not the rounded sum of {len(parts)} parts that add up to {sum(parts)}")
    order = sorted(range(len(parts)), key=lambda index: cut[index] - parts[index])
    for index in order[:missing]:
        cut[index] += CENT
    return cut
