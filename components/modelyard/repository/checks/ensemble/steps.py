"""Steps: the models that they name, and the tensors of those models that they map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ....catalog.spelling import nearest
from ...repository import Repository, RepositoryModel
from ..completion import is_completed
from ..fault import Fault, listed
from ..version_policy import loaded
from .step_name import step_name


def faults(repository: Repository, ensemble: RepositoryModel) -> Iterator[Fault]:
    models = {model.name: model for model in repository.models}
    for index, step in enumerate(ensemble.config.ensemble_scheduling.step):
        where = ("ensemble_scheduling", "step", index)
        what = step_name(ensemble.config, index)
        for kind in ("input_map", "output_map"):
            if not getattr(step, kind):
                verb = "reads nothing" if kind == "input_map" else "writes nothing"
                yield Fault(ensemble.name, (*where, kind), f"{what} {verb}: it has no {kind}; map one tensor or more")
        if not step.model_name:
            yield Fault(
                ensemble.name, (*where, "model_name"), f"{what} names no model; name one of {listed([*models])}"
            )
            continue
        model = models.get(step.model_name)
        if model is None:
            message = f"{what} names a model that is not in the repository{_hint(step.model_name, models, 'it has')}"
            yield Fault(ensemble.name, (*where, "model_name"), message)
            continue
        if model is ensemble:
            # How models need themselves is another check's.
            continue
        for field, message in [*_version(step, model), *_batch(ensemble, model), *_maps(step, model)]:
            yield Fault(ensemble.name, (*where, *field), f"{what} {message}")


def _version(step: Any, model: RepositoryModel) -> Iterator[tuple[tuple[str, ...], str]]:
    wanted, versions = step.model_version, loaded(model)
    if wanted == -1 or not versions or wanted in versions:
        return
    if wanted == 0:
        yield ("model_version",), "says no model_version, which means version 0; write model_version: -1 for the newest"
        return
    found = ", ".join(map(str, versions))
    yield (
        ("model_version",),
        f"needs version {wanted} of {model.name!r}, and {found} is what loads; name that, or -1 for the newest",
    )


def _batch(ensemble: RepositoryModel, model: RepositoryModel) -> Iterator[tuple[tuple[str, ...], str]]:
    most, largest = model.config.max_batch_size, ensemble.config.max_batch_size
    if 0 < most < largest:
        yield (
            ("model_name",),
            f"takes at most {most} rows (max_batch_size of {model.name!r}) and the ensemble lets {largest} in; lower "
            f"max_batch_size of {ensemble.name!r} to {most}, or raise the other",
        )


def _maps(step: Any, model: RepositoryModel) -> Iterator[tuple[tuple[str, ...], str]]:
    inputs = {tensor.name: tensor for tensor in model.config.input if tensor.name}
    outputs = {tensor.name for tensor in model.config.output if tensor.name}
    meant: set[str | None] = set()
    for kind, known, verb in (("input_map", inputs, "reads"), ("output_map", outputs, "writes")):
        for name, tensor in sorted(getattr(step, kind).items()):
            noun = kind.removesuffix("_map")
            if not tensor:
                yield (kind, name), f"maps {noun} {name!r} of {model.name!r} to no tensor; name the ensemble's tensor"
            if name not in known and (known or not is_completed(model)):
                meant.add(nearest(name, known))
                hint = _hint(name, known, f"it has {noun}s") if known else f"; it has no {noun}s"
                yield (
                    (kind, name),
                    f"{verb} tensor {tensor!r} as {noun} {name!r}, which {model.name!r} does not have{hint}",
                )
    for name, tensor in inputs.items():
        if step.input_map and name not in step.input_map and name not in meant and not tensor.optional:
            yield (
                ("input_map",),
                f"does not give input {name!r} of {model.name!r}, which is not optional; map a tensor to it",
            )


def _hint(name: str, known: Iterable[str], has: str) -> str:
    names = sorted(known)
    closest = nearest(name, names)
    return f"; did you mean {closest!r}?" if closest else f"; {has} {listed(names)}"
