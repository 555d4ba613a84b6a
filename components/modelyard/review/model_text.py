"""A model's and a pool's figures as short text, the same in every rendering."""

from __future__ import annotations

from collections.abc import Iterable
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
    if place.prediction is None and line.objective_p99_ms is None:
        return "-"
    predicted = "?" if place.prediction is None else f"{place.prediction.p99_ms:.3g}"
    promised = "?" if line.objective_p99_ms is None else f"{line.objective_p99_ms:g}"
    return f"{predicted} / {promised}"


def late(line: ModelLine, place: ModelPlace) -> bool:
    """Whether the predicted percentile is beyond the promised one."""
    return (
        place.prediction is not None
        and line.objective_p99_ms is not None
        and place.prediction.p99_ms > line.objective_p99_ms
    )


def needed(place: ModelPlace) -> str:
    """``2 at 41%``: replicas that the objective's rate takes, and how busy they are."""
    if place.prediction is None:
        return "-"
    return f"{place.prediction.needed_replicas} at {_percent(place.prediction.utilisation)}"


def needs(place: ModelPlace) -> str:
    """``needs 2 at 41%``, or nothing."""
    return f"needs {needed(place)}" if place.prediction else ""


def a_million(line: ModelLine) -> str:
    """``$0.55 a million``, or nothing."""
    return f"${usd_per_million(line)} a million" if line.usd_per_million is not None else ""


def usd_per_million(line: ModelLine) -> str:
    """Dollars for a million inferences: ``0.55``."""
    return "-" if line.usd_per_million is None else f"{line.usd_per_million:,.2f}"


def prediction_sources(lines: Iterable[ModelLine]) -> list[str]:
    """What the predictions rest on, each once, in order."""
    return list(dict.fromkeys(place.prediction.source for line in lines for place in line.places if place.prediction))


def fill_pair(floor: Fill | None, most: Fill | None, name: str) -> str:
    """``75% (100%)``: the share that is requested, at the guaranteed replicas and at the maximum."""
    now, then = getattr(floor, name, None), getattr(most, name, None)
    if now is None and then is None:
        return "-"
    return f"{_percent(now)} ({_percent(then)})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
