"""A model's and a pool's figures as short text, the same in every rendering."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from ..environment.target import SERVICE_OF
from ..sizing.cold_start import Assumption, ColdStart, assumptions
from .money import dollars
from .plan import ModelLine, ModelPlace, PredictedPlace, RolloutLine

if TYPE_CHECKING:
    from ..placement import Fill


def heads(lines: Iterable[ModelLine]) -> tuple[str, str]:
    """What :func:`where` and :func:`pools` are called in a table: clusters and pools, unless a model has neither."""
    managed = any(place.target != "kubernetes" for line in lines for place in line.places)
    return ("where", "on") if managed else ("cluster", "pool")


def where(place: ModelPlace) -> str:
    """``east``, or ``SageMaker us-east-1``"""
    if place.target == "kubernetes":
        return place.cluster
    return f"{SERVICE_OF[place.target]} {place.cluster}"


def pools(place: ModelPlace) -> str:
    """``l4 + l4-spot``; at a managed target ``ml.g5.xlarge: v3 90 %, v4 10 %``"""
    if place.target != "kubernetes":
        shares = ", ".join(f"{version} {percent} %" for version, percent in place.shares)
        return f"{place.instance_type or 'no instances'}: {shares}"
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
    predicted = "?" if place.prediction is None else _predicted(place.prediction)
    promised = "?" if line.objective_p99_ms is None else f"{line.objective_p99_ms:g}"
    return f"{predicted} / {promised}"


def _predicted(prediction: PredictedPlace) -> str:
    """``42.7``; where assumptions leave it open ``42.7-60000``."""
    high = _milliseconds(prediction.p99_ms)
    low = high if prediction.p99_low_ms is None else _milliseconds(prediction.p99_low_ms)
    return low if low == high else f"{low}-{high}"


def _milliseconds(value: float) -> str:
    if math.isinf(value):
        return "refused"
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def late(line: ModelLine, place: ModelPlace) -> bool:
    """Whether the predicted percentile is beyond the promised one."""
    return (
        place.prediction is not None
        and line.objective_p99_ms is not None
        and place.prediction.p99_ms > line.objective_p99_ms
    )


def needed(place: ModelPlace) -> str:
    """``2 at 41%``: replicas that the objective's rate or the busiest hour takes, and how busy they are."""
    if place.prediction is None or place.prediction.needed_replicas is None:
        return "-"
    return f"{place.prediction.needed_replicas} at {_percent(place.prediction.utilisation)}"


def needs(place: ModelPlace) -> str:
    """``needs 2 at 41%``, or nothing."""
    return f"needs {needed(place)}" if needed(place) != "-" else ""


def serving(line: ModelLine) -> str:
    """``$156.22 serving``: what options are compared by; nothing where it is all, or has no price."""
    known = [place.serving_usd for place in line.places if place.serving_usd is not None]
    if not known or line.monthly_usd is None or sum(known, Decimal(0)) == line.monthly_usd:
        return ""
    return f"{dollars(sum(known, Decimal(0)))} serving"


def a_million(line: ModelLine) -> str:
    """``$0.55 a million``, or nothing."""
    return f"${usd_per_million(line)} a million" if line.usd_per_million is not None else ""


def usd_per_million(line: ModelLine) -> str:
    """Dollars for a million inferences: ``0.55``."""
    return "-" if line.usd_per_million is None else f"{line.usd_per_million:,.2f}"


def prediction_legend(lines: Iterable[ModelLine]) -> str:
    """What the predicted figures are of."""
    bases = {place.prediction.basis for line in lines for place in line.places if place.prediction}
    if bases == {"traffic"}:
        return "of a week of its traffic with cold starts, as compared below"
    if "traffic" in bases:
        return "at the objective's rate; of models with traffic, of a week of it with cold starts, as compared below"
    return "at the objective's rate"


def prediction_sources(lines: Iterable[ModelLine]) -> list[str]:
    """What the predictions rest on, each once, in order."""
    return list(dict.fromkeys(place.prediction.source for line in lines for place in line.places if place.prediction))


def cold_starts(lines: Iterable[ModelLine]) -> list[tuple[str, ColdStart]]:
    """``product-tagging on east`` with the time until its next replica answers, for every place that has one."""
    return [
        (f"{line.model} on {where(place)}", place.cold_start)
        for line in lines
        for place in line.places
        if place.cold_start is not None
    ]


def cold_start_assumptions(lines: Iterable[ModelLine]) -> list[Assumption]:
    """What they rest on; nothing where there is none."""
    return list(assumptions()) if cold_starts(lines) else []


def assumed(assumption: Assumption) -> str:
    """``gpu_node 80 to 300 seconds: <source>, 2025-08-24``"""
    size = f"{assumption.low:g} to {assumption.high:g} {assumption.unit}"
    return f"{assumption.name} {size}: {assumption.source}, {assumption.source_date}"


def rollouts(lines: Iterable[ModelLine]) -> list[tuple[ModelLine, RolloutLine]]:
    """Models with a canary."""
    return [(line, line.rollout) for line in lines if line.rollout is not None and line.rollout.canary is not None]


def standing(rollout: RolloutLine) -> str:
    """Where it stands, after the model's name: ``version 1 90 %, version 2 10 %; steps 10, 50, 100, each held 30 min
    at least; next percent: 50; gates: error_rate at most 0.01; 1-3 replicas of version 2``."""
    steps = ", ".join(map(str, rollout.steps))
    gates = ", ".join(rollout.gates) or "none"
    parts = [f"steps {steps}, each held {rollout.pause_minutes} min at least", _next(rollout), f"gates: {gates}"]
    return f"{shares(rollout)}; {'; '.join([*parts, *_beside(rollout)])}"


def shares(rollout: RolloutLine) -> str:
    """``version 1 90 %, version 2 10 %``"""
    if rollout.by != "gateway":
        return f"version {rollout.stable} to {rollout.canary}, whose shares {rollout.by} moves"
    mirrored = f" and copies of {rollout.mirrored_percent} %" if rollout.mirrored_percent else ""
    stable, canary = 100 - rollout.percent, rollout.percent
    return f"version {rollout.stable} {stable} %, version {rollout.canary} {canary} %{mirrored}"


def _beside(rollout: RolloutLine) -> list[str]:
    """What the canary takes besides."""
    if rollout.by != "gateway":
        return ["as many replicas again while it lasts, which no cost counts"]
    if rollout.canary_replicas is None:
        return []
    least, most = rollout.canary_replicas
    number = str(least) if least == most else f"{least}-{most}"
    return [f"{number} {'replica' if most == 1 else 'replicas'} of version {rollout.canary}"]


def _next(rollout: RolloutLine) -> str:
    if rollout.by != "gateway":
        return f"promoted by {rollout.by}"
    if rollout.next_percent is None:
        return f"next stable: {rollout.canary}, and canary taken away"
    return f"next percent: {rollout.next_percent}"


def fill_pair(floor: Fill | None, most: Fill | None, name: str) -> str:
    """``75% (100%)``: the share that is requested, at the guaranteed replicas and at the maximum."""
    now, then = getattr(floor, name, None), getattr(most, name, None)
    if now is None and then is None:
        return "-"
    return f"{_percent(now)} ({_percent(then)})"


def _percent(share: float | None) -> str:
    """What is not empty, or not full, is not said to be."""
    if share is None:
        return "-"
    percent = f"{share:.0%}"
    if percent == "0%" and share > 0:
        return "<1%"
    return ">99%" if percent == "100%" and share < 1 else percent
