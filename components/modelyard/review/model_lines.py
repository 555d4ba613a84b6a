"""Models of a resolved environment with what each costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..resolve.weights import could_stream
from .cold_starts import ColdStarts, sleeps
from .compared_option import option_of_model, profile_source
from .endpoint_lines import endpoint_places, endpoints_by_model
from .model_figures import predicted
from .model_line import model_line
from .plan import ModelLine, ModelPlace, ModelRepository

if TYPE_CHECKING:
    from ..cost import Estimate
    from ..placement import Placement
    from ..resolve.resolved import Resolution, ResolvedModel


def model_lines(resolution: Resolution, costs: Estimate, placement: Placement) -> tuple[ModelLine, ...]:
    """One line a model, by department and declared order, its clusters or regions in declared order."""
    starts = ColdStarts(resolution, placement)
    lines = [
        model_line(found, [_place(model, resolution, starts) for model in found], resolution, costs)
        for found in _by_model(resolution)
    ]
    lines += [
        model_line(found, endpoint_places(found, resolution, costs), resolution, costs)
        for found in endpoints_by_model(resolution)
    ]
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


def _place(model: ResolvedModel, resolution: Resolution, starts: ColdStarts) -> ModelPlace:
    option = option_of_model(resolution.choices, model)
    return ModelPlace(
        cluster=model.cluster,
        pool=model.pool.declared.name if model.pool else None,
        overflow_pool=model.overflow_pool.declared.name if model.overflow_pool else None,
        accelerator=model.pool.accelerator if model.pool else None,
        min_replicas=model.min_replicas,
        max_replicas=model.max_replicas,
        prediction=predicted(model.sizing, option, profile_source(resolution.choices, model)),
        sleeps=sleeps(model),
        cold_start=starts.of(model),
        could_stream=could_stream(model.declared, resolution.cluster(model.cluster).declared),
        image=model.image,
    )
