"""Models that give any number of answers to one request, inside ensembles."""

from __future__ import annotations

from collections.abc import Iterator

from ...repository import Repository, RepositoryModel
from ..fault import Fault
from .flow import tensors
from .step_name import step_name


def faults(repository: Repository, ensemble: RepositoryModel) -> Iterator[Fault]:
    """A step, or the answer, that joins tensors of two decoupled models: nothing says which answers belong together
    (triton-inference-server/server docs/user_guide/decoupled_models.md)."""
    models = {model.name: model for model in repository.models}
    config = ensemble.config
    graph = tensors(config)
    label: dict[str, str | None] = {tensor.name: None for tensor in config.input}
    """Of each tensor that is known by now: the step whose answers are counted, or None for the request itself."""
    waiting = list(range(len(config.ensemble_scheduling.step)))
    while True:
        ready = [i for i in waiting if all(t in label for t in config.ensemble_scheduling.step[i].input_map.values())]
        if not ready:
            break
        for index in ready:
            step = config.ensemble_scheduling.step[index]
            origins = {tensor: label[tensor] for tensor in step.input_map.values()}
            if len(set(origins.values())) > 1:
                message = f"{step_name(config, index)} joins {_told(origins)}; let one decoupled model feed it"
                yield Fault(ensemble.name, ("ensemble_scheduling", "step", index, "input_map"), message)
            model = models.get(step.model_name)
            after = next(iter(origins.values()), None)
            if model is not None and is_decoupled(repository, model):
                after = f"step {index + 1} ({step.model_name})"
            for tensor in step.output_map.values():
                label.setdefault(tensor, after)
        waiting = [index for index in waiting if index not in ready]
    answers = {t.name: label[t.name] for t in config.output if t.name in label and t.name in graph}
    if len(set(answers.values())) > 1:
        message = (
            f"the outputs of ensemble {ensemble.name!r} join {_told(answers)}; let all of them pass one decoupled model"
        )
        yield Fault(ensemble.name, ("output",), message)


def is_decoupled(repository: Repository, model: RepositoryModel, around: frozenset[str] = frozenset()) -> bool:
    """Whether one request may have none or several answers: by itself, or by the models of its steps."""
    if model.config.model_transaction_policy.decoupled and not model.config.HasField("ensemble_scheduling"):
        return True
    models = {each.name: each for each in repository.models}
    within = around | {model.name}
    return any(
        step.model_name in models
        and step.model_name not in within
        and is_decoupled(repository, models[step.model_name], within)
        for step in model.config.ensemble_scheduling.step
    )


def _told(origins: dict[str, str | None]) -> str:
    parts = [
        f"{tensor!r} (any number a request, from {origin})" if origin else f"{tensor!r} (one a request)"
        for tensor, origin in sorted(origins.items())
    ]
    return " and ".join(parts)
