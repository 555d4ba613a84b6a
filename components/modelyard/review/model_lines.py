"""Models of a resolved environment with what each costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .cold_starts import ColdStarts, sleeps
from .plan import ModelLine, ModelPlace, ModelRepository, PredictedPlace, PredictedStage
from .rollout_line import rollout_line

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..placement import Placement
    from ..resolve.resolved import Resolution, ResolvedModel
    from ..sizing.choice import Choice


def model_lines(resolution: Resolution, costs: Estimate, placement: Placement) -> tuple[ModelLine, ...]:
    """One line a model, by department and declared order, its clusters in declared order."""
    hours_per_month = resolution.environment.platform.costs.hours_per_month
    starts = ColdStarts(resolution, placement)
    return tuple(_line(found, costs, hours_per_month, starts) for found in _by_model(resolution))


def model_repositories(resolution: Resolution) -> tuple[ModelRepository, ...]:
    """The files of each model on each of its clusters, in the order of :func:`model_lines`."""
    return tuple(
        ModelRepository(
            department=model.department.department,
            model=model.declared.name,
            cluster=model.cluster,
            files=model.files,
            url=model.url,
        )
        for found in _by_model(resolution)
        for model in found
    )


def _by_model(resolution: Resolution) -> list[list[ResolvedModel]]:
    places: dict[tuple[str, str], list[ResolvedModel]] = {}
    for model in resolution.models:
        places.setdefault((model.department.department, model.declared.name), []).append(model)
    return list(places.values())


def _line(found: list[ResolvedModel], costs: Estimate, hours_per_month: Decimal, starts: ColdStarts) -> ModelLine:
    first = found[0]
    objective = first.declared.objective
    monthly_usd = costs.models.get((first.department.department, first.declared.name))
    return ModelLine(
        department=first.department.department,
        model=first.declared.name,
        task=first.declared.task,
        release=first.release,
        objective_p99_ms=objective.p99_ms if objective else None,
        objective_requests_per_second=objective.requests_per_second if objective else None,
        monthly_usd=monthly_usd,
        usd_per_million=_usd_per_million(found, monthly_usd, hours_per_month),
        places=tuple(_place(model, starts) for model in found),
        rollout=rollout_line(first.declared),
    )


def _usd_per_million(
    found: list[ResolvedModel], monthly_usd: Decimal | None, hours_per_month: Decimal
) -> Decimal | None:
    objective = found[0].declared.objective
    if objective is None or monthly_usd is None:
        return None
    rate = Decimal(str(objective.requests_per_second)) * len(found)
    return monthly_usd * 1_000_000 / (rate * hours_per_month * 3600)


def _place(model: ResolvedModel, starts: ColdStarts) -> ModelPlace:
    return ModelPlace(
        cluster=model.cluster,
        pool=model.pool.declared.name if model.pool else None,
        overflow_pool=model.overflow_pool.declared.name if model.overflow_pool else None,
        accelerator=model.pool.accelerator if model.pool else None,
        min_replicas=model.min_replicas,
        max_replicas=model.max_replicas,
        prediction=None if model.sizing is None else _predicted(model.sizing),
        sleeps=sleeps(model),
        cold_start=starts.of(model),
    )


def _predicted(choice: Choice) -> PredictedPlace:
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
