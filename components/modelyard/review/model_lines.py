"""Models of a resolved environment with what each costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .cold_starts import ColdStarts, sleeps
from .endpoint_lines import endpoint_line, endpoints_by_model
from .model_figures import predicted, usd_per_million
from .plan import ModelLine, ModelPlace, ModelRepository
from .rollout_line import rollout_line

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..placement import Placement
    from ..resolve.resolved import Resolution, ResolvedModel


def model_lines(resolution: Resolution, costs: Estimate, placement: Placement) -> tuple[ModelLine, ...]:
    """One line a model, by department and declared order, its clusters or regions in declared order."""
    hours_per_month = resolution.environment.platform.costs.hours_per_month
    starts = ColdStarts(resolution, placement)
    lines = [_line(found, costs, hours_per_month, starts) for found in _by_model(resolution)]
    lines += [endpoint_line(found, costs, hours_per_month) for found in endpoints_by_model(resolution)]
    declared = resolution.environment.models()
    order = {(each.department, model.name): at for at, (each, model) in enumerate(declared)}
    return tuple(sorted(lines, key=lambda line: order[line.department, line.model]))


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
        monthly_usd=Decimal(0) if monthly_usd is None and not _has_floor(found) else monthly_usd,
        usd_per_million=usd_per_million(objective, len(found), monthly_usd, hours_per_month),
        places=tuple(_place(model, starts) for model in found),
        rollout=rollout_line(first.declared),
        runtime=first.declared.runtime,
        server=first.declared.server,
    )


def _has_floor(found: list[ResolvedModel]) -> bool:
    """Whether pods of its own are guaranteed at some hour; where none are, nothing of the model is left unpriced."""
    return any(model.declared.has_own_pods and model.declared.scaling.highest_floor for model in found)


def _place(model: ResolvedModel, starts: ColdStarts) -> ModelPlace:
    return ModelPlace(
        cluster=model.cluster,
        pool=model.pool.declared.name if model.pool else None,
        overflow_pool=model.overflow_pool.declared.name if model.overflow_pool else None,
        accelerator=model.pool.accelerator if model.pool else None,
        min_replicas=model.min_replicas,
        max_replicas=model.max_replicas,
        prediction=None if model.sizing is None else predicted(model.sizing),
        sleeps=sleeps(model),
        cold_start=starts.of(model),
    )
