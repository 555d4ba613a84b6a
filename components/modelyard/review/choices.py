"""The words in which a plan shows what was compared of running a model: always on, autoscaled, serverless, asleep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .money import dollars

if TYPE_CHECKING:
    from ..resolve.resolved import ChosenTarget
    from ..sizing.choosing.option import ChoiceOfTarget, Option

HEADS = ("option", "where", "replicas", "p99", "late", "$ a month", "objective")


def heading(head: str) -> str:
    """With a capital, but for what is a symbol."""
    return head if head[1:2].isdigit() else head[0].upper() + head[1:]


def title(found: ChosenTarget) -> str:
    """``support/sentiment within 200 ms, 4,692,857 requests a month``"""
    requests = f"{found.choice.requests_per_month:,.0f} requests a month"
    return f"{found.department}/{found.model} within {found.choice.p99_ms:g} ms, {requests}"


def standing(found: ChosenTarget) -> str:
    """What was taken, and why; a model with a target of its own is told what the comparison comes to."""
    return found.choice.why if found.taken else f"{found.choice.why} (its target is declared, so it stays)"


def decides(choice: ChoiceOfTarget) -> tuple[str, ...]:
    """Sentences: which assumption decides."""
    if choice.options and choice.chosen is not None and not choice.decides:
        return ("no assumption changes the choice within its range",)
    return tuple(each.sentence() for each in choice.decides)


def cells(option: Option, *, chosen: bool) -> tuple[str, str, str, str, str, str, str]:
    """One row, by :data:`HEADS`."""
    from ..sizing.choosing.option import KIND_TEXT
    from ..sizing.choosing.place import place_text

    latency = option.latency
    return (
        KIND_TEXT[option.kind],
        place_text(option.place),
        "" if latency is None else _counts(option),
        "" if latency is None else span_text(latency.low_ms, latency.high_ms),
        "" if latency is None else _shares(latency.late_low_share, latency.late_high_share),
        "unpriced" if option.usd_per_month is None else dollars(option.usd_per_month),
        "chosen" if chosen else option.verdict,
    )


def span_text(low_ms: float, high_ms: float) -> str:
    """``27.3 ms``, or ``27.3 ms to 60 s`` where assumptions leave it open."""
    low, high = _duration(low_ms), _duration(high_ms)
    return low if low == high else f"{low} to {high}"


def _counts(option: Option) -> str:
    if option.kind == "serverless":
        return f"0-{option.most}"
    return str(option.most) if option.least == option.most else f"{option.least}-{option.most}"


def _duration(ms: float) -> str:
    if math.isinf(ms):
        return "refused"
    if ms < 1000:
        return f"{ms:.3g} ms"
    return f"{ms / 1000:.3g} s" if ms < 100_000 else f"{ms / 60_000:.0f} min"


def _shares(low: float, high: float) -> str:
    first, last = _percent(low), _percent(high)
    return first if first == last else f"{first.removesuffix(' %')} to {last}"


def _percent(share: float) -> str:
    if share == 0:
        return "0 %"
    return f"{share * 100:.2g} %" if share < 0.1 else f"{share * 100:.0f} %"
