"""What was compared of running a model, for programs."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .choices import decides

if TYPE_CHECKING:
    from ..resolve.resolved import ChosenTarget
    from ..sizing.choosing.option import Option


def choice_json(found: ChosenTarget) -> dict[str, Any]:
    """One model. A 99th percentile without end (requests are refused) is null."""
    choice = found.choice
    return {
        "department": found.department,
        "model": found.model,
        "taken": found.taken,
        "objective_p99_ms": choice.p99_ms,
        "requests_per_month": round(choice.requests_per_month),
        "why": choice.why,
        "options": [_option(each, each is choice.chosen) for each in choice.options],
        "decides": list(decides(choice)),
        "assumptions": list(choice.assumptions),
    }


def _option(option: Option, chosen: bool) -> dict[str, Any]:
    place, latency, price = option.place, option.latency, option.price
    return {
        "kind": option.kind,
        "target": place.target,
        "where": place.where,
        "machine": place.machine,
        "chosen": chosen,
        "verdict": option.verdict,
        "why": option.why,
        "min_replicas": option.least,
        "max_replicas": option.most,
        "warm_p99_ms": None if latency is None else _ms(latency.warm_p99_ms),
        "p99_low_ms": None if latency is None else _ms(latency.low_ms),
        "p99_high_ms": None if latency is None else _ms(latency.high_ms),
        "late_low_share": None if latency is None else _share(latency.late_low_share),
        "late_high_share": None if latency is None else _share(latency.late_high_share),
        "monthly_usd": _usd(option.usd_per_month),
        "calculation": option.calculation,
        "unit_usd": None if price is None else float(price.usd),
        "source": None if price is None else price.source,
        "source_date": None if price is None else price.source_date,
    }


def _ms(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 2)


def _share(value: float) -> float:
    return round(value, 8)


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
