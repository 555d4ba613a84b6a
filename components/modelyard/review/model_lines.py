"""Models of a resolved environment with what each costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plan import ModelLine, ModelPlace, ModelRepository

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..resolve.resolved import Resolution, ResolvedModel


def model_lines(resolution: Resolution, costs: Estimate) -> tuple[ModelLine, ...]:
    """One line a model, by department and declared order, its clusters in declared order."""
    return tuple(_line(found, costs) for found in _by_model(resolution))


def model_repositories(resolution: Resolution) -> tuple[ModelRepository, ...]:
    """The files of each model, in the order of :func:`model_lines`."""
    return tuple(
        ModelRepository(
            department=found[0].department.department,
            model=found[0].declared.name,
            clusters=tuple(model.cluster for model in found),
            files={file.key: file.path for file in found[0].artefact.files},
            url=found[0].artefact.url,
        )
        for found in _by_model(resolution)
    )


def _by_model(resolution: Resolution) -> list[list[ResolvedModel]]:
    places: dict[tuple[str, str], list[ResolvedModel]] = {}
    for model in resolution.models:
        places.setdefault((model.department.department, model.declared.name), []).append(model)
    return list(places.values())


def _line(found: list[ResolvedModel], costs: Estimate) -> ModelLine:
    first = found[0]
    objective = first.declared.objective
    return ModelLine(
        department=first.department.department,
        model=first.declared.name,
        task=first.declared.task,
        release=first.release,
        objective_p99_ms=objective.p99_ms if objective else None,
        objective_requests_per_second=objective.requests_per_second if objective else None,
        monthly_usd=costs.models.get((first.department.department, first.declared.name)),
        places=tuple(_place(model) for model in found),
    )


def _place(model: ResolvedModel) -> ModelPlace:
    sizing = model.sizing
    return ModelPlace(
        cluster=model.cluster,
        pool=model.pool.declared.name if model.pool else None,
        overflow_pool=model.overflow_pool.declared.name if model.overflow_pool else None,
        accelerator=model.pool.accelerator if model.pool else None,
        min_replicas=model.min_replicas,
        max_replicas=model.max_replicas,
        predicted_p99_ms=sizing.predicted_p99_ms if sizing else None,
        needed_replicas=sizing.replicas if sizing else None,
        prediction_source=sizing.source if sizing else None,
    )
