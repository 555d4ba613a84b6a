"""Models that need themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ..repository import Repository, RepositoryModel
from .fault import Fault


def faults(repository: Repository) -> Iterator[Fault]:
    """Ensembles that reach themselves through their steps; models whose code calls itself are allowed to end."""
    models = {model.name: model for model in repository.models}
    told: set[str] = set()
    for model in repository.models:
        circle = _circle(model, models)
        if circle is None or told & set(circle):
            continue
        told.update(circle)
        index = next(i for i, s in enumerate(model.config.ensemble_scheduling.step) if s.model_name in circle)
        where = ("ensemble_scheduling", "step", index, "model_name")
        if len(circle) == 1:
            message = f"step {index + 1} of ensemble {model.name!r} names the ensemble itself; name another model"
        else:
            way = " → ".join(map(repr, [*circle, circle[0]]))
            message = f"ensemble {model.name!r} reaches itself through its steps: {way}; break the circle"
        yield Fault(model.name, where, message)


def _circle(start: RepositoryModel, models: dict[str, RepositoryModel]) -> list[str] | None:
    """The shortest way from a model back to itself."""
    ways = [[start.name]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for step in models[way[-1]].config.ensemble_scheduling.step:
            after = step.model_name
            if after == start.name:
                return way
            if after in models and after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return None
