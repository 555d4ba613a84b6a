"""Figures of a model that are the same wherever it runs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .plan import PredictedPlace, PredictedStage

if TYPE_CHECKING:
    from ..environment.model import Objective
    from ..sizing.choice import Choice


def usd_per_million(
    objective: Objective | None, places: int, monthly_usd: Decimal | None, hours_per_month: Decimal
) -> Decimal | None:
    """Dollars for a million inferences, if the objective's rate came all month in each of so many places."""
    if objective is None or monthly_usd is None:
        return None
    rate = Decimal(str(objective.requests_per_second)) * places
    return monthly_usd * 1_000_000 / (rate * hours_per_month * 3600)


def predicted(choice: Choice) -> PredictedPlace:
    """What the needed replicas are to do."""
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
