"""A model's and a pool's figures as short text, the same in every rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plan import ModelLine, ModelPlace

if TYPE_CHECKING:
    from ..placement import Fill


def pools(place: ModelPlace) -> str:
    """``l4 + l4-spot``"""
    if place.pool is None:
        return "no GPU"
    return f"{place.pool} + {place.overflow_pool}" if place.overflow_pool else place.pool


def replicas(place: ModelPlace) -> str:
    """``2-6``, or one number when it never changes."""
    fixed = place.min_replicas == place.max_replicas
    return str(place.min_replicas) if fixed else f"{place.min_replicas}-{place.max_replicas}"


def p99(line: ModelLine, place: ModelPlace) -> str:
    """``38 / 80``: predicted and promised milliseconds, ``?`` for what is not known."""
    if place.predicted_p99_ms is None and line.objective_p99_ms is None:
        return "-"
    predicted = "?" if place.predicted_p99_ms is None else f"{place.predicted_p99_ms:.3g}"
    promised = "?" if line.objective_p99_ms is None else f"{line.objective_p99_ms:g}"
    return f"{predicted} / {promised}"


def fill_pair(floor: Fill | None, most: Fill | None, name: str) -> str:
    """``75% (100%)``: the share that is requested, at the guaranteed replicas and at the maximum."""
    now, then = getattr(floor, name, None), getattr(most, name, None)
    if now is None and then is None:
        return "-"
    return f"{_percent(now)} ({_percent(then)})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
