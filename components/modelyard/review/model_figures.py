"""Figures of a model that are the same wherever it runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .plan import PredictedPlace, PredictedStage

if TYPE_CHECKING:
    from ..sizing.choice import Choice
    from ..sizing.choosing.option import Option


def predicted(sizing: Choice | None, option: Option | None, source: str = "") -> PredictedPlace | None:
    """What is shown of one place: the figures of the option that it is, which are of a week of its traffic, or those
    of the objective's rate; None without either.

    Args:
        sizing: at the objective's rate.
        option: that was compared, and is this place.
        source: of the profile that the option rests on.
    """
    at_rate = None if sizing is None else _at_rate(sizing)
    latency = None if option is None else option.latency
    if option is None or latency is None:
        return at_rate
    counted = option.capacity is not None
    return PredictedPlace(
        needed_replicas=option.most if counted else None,
        p50_ms=None,
        p95_ms=None,
        p99_ms=_rounded(latency.high_ms),
        utilisation=None if option.utilisation is None else round(option.utilisation, 4),
        capacity=None if option.capacity is None else round(option.capacity, 3),
        stages=() if at_rate is None else at_rate.stages,
        source=source,
        basis="traffic",
        p99_low_ms=_rounded(latency.low_ms),
    )


def _rounded(ms: float) -> float:
    return ms if math.isinf(ms) else round(ms, 2)


def _at_rate(choice: Choice) -> PredictedPlace:
    prediction = choice.prediction
    return PredictedPlace(
        needed_replicas=choice.replicas,
        p50_ms=round(prediction.p50_ms, 3),
        p95_ms=round(prediction.p95_ms, 3),
        p99_ms=round(prediction.p99_ms, 3),
        utilisation=round(prediction.utilisation, 4),
        capacity=round(choice.capacity, 3),
        stages=tuple(
            PredictedStage(
                model=stage.model,
                max_batch_size=decided.max_batch_size,
                max_queue_delay_us=decided.max_queue_delay_us,
                instances=decided.instances,
                utilisation=round(stage.utilisation, 4),
                mean_batch=round(stage.mean_batch, 3),
                queue_ms=round(stage.queue_ms, 3),
            )
            for stage in prediction.stages
            if (decided := choice.settings.stage(stage.model)) is not None
        ),
        source=prediction.source,
    )
