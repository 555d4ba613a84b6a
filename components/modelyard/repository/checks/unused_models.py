"""Models that nobody calls."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.spelling import nearest
from ..repository import Repository
from .fault import Fault, listed


def faults(repository: Repository) -> Iterator[Fault]:
    """Models that no request to the served model reaches: they take memory and GPU for nothing; and calls of models
    that are not there."""
    models = {model.name: model for model in repository.models}
    for model in repository.models:
        for index, name in enumerate(model.calls):
            if name not in models:
                closest = nearest(name, models)
                hint = f"did you mean {closest!r}?" if closest else f"it has {listed(sorted(models))}"
                message = f"model {model.name!r} calls {name!r}, which is not in the repository; {hint}"
                yield Fault(model.name, ("calls", index), message)
    reached: set[str] = set()
    waiting = [repository.name]
    while waiting:
        name = waiting.pop()
        if name not in models:
            # Whoever is meant by this name is used, and another check asks for it.
            return
        if name not in reached:
            reached.add(name)
            waiting.extend(step.model_name for step in models[name].config.ensemble_scheduling.step)
            waiting.extend(models[name].calls)
    for model in repository.models:
        if model.name not in reached:
            message = (
                f"model {model.name!r} is used by no step of {repository.name!r} and called by no model; use it, list "
                "it under calls of the model whose code calls it, or delete it"
            )
            yield Fault(model.name, (), message)
