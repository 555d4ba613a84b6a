"""Dollars as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal


def dollars(amount: Decimal) -> str:
    """To the cent with thousands separated, for example ``$12,345.60``."""
    rounded = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"-${-rounded:,.2f}" if rounded < 0 else f"${rounded:,.2f}"


def share_percent(part: Decimal, whole: Decimal) -> str:
    """``part`` of ``whole`` as a whole percentage; ``-`` where there is no whole."""
    if whole <= 0:
        return "-"
    percent = part * 100 / whole
    if 0 < percent < 1:
        return "<1%"
    return f"{percent:.0f}%"
