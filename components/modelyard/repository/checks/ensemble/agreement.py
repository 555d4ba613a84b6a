"""Whether all who name a tensor mean the same data type and dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ....environment.yaml_document import Steps
from ...repository import Repository, RepositoryModel
from ..fault import Fault, dims_text, dtype_name
from .flow import Tensor, tensors
from .step_name import step_of


@dataclass(frozen=True, slots=True)
class _End:
    """One who writes or reads a tensor, and what its declaration says of it."""

    what: str
    field: Steps
    data_type: int
    dims: tuple[int, ...]
    """Without the batch dimension."""
    batches: bool

    @property
    def full(self) -> tuple[int, ...]:
        """With the batch dimension."""
        return (-1, *self.dims) if self.batches else self.dims


def faults(repository: Repository, ensemble: RepositoryModel) -> Iterator[Fault]:
    """Each tensor against whoever writes it, as the server compares them: dimensions agree where they are equal or
    one of them varies, with or without the batch dimension."""
    models = {model.name: model for model in repository.models}
    graph = tensors(ensemble.config)
    given = {tensor.name for tensor in ensemble.config.input}
    names = [*graph, *(t.name for t in ensemble.config.output if t.name not in graph)]
    for name in dict.fromkeys(names):
        tensor = graph.get(name, Tensor())
        if len(tensor.writers) + (name in given) > 1:
            continue
        ends = list(_ends(ensemble, name, tensor, models))
        for position, end in enumerate(ends[1:], 1):
            other = next((before for before in ends[:position] if _disagree(before, end, before is ends[0])), None)
            if other is not None:
                yield Fault(ensemble.name, end.field, _message(ensemble.name, name, other, end))


def _ends(ensemble: RepositoryModel, name: str, tensor: Tensor, models: dict[str, RepositoryModel]) -> Iterator[_End]:
    """Who writes first, then who reads."""
    config = ensemble.config
    batches = config.max_batch_size > 0
    for kind, steps, verb in (("input", tensor.writers, "writes"), ("output", tensor.readers, "reads")):
        if kind == "input":
            yield from _own(config, "input", name, batches)
        for index, inner in steps:
            model = models.get(config.ensemble_scheduling.step[index].model_name)
            if model is None:
                continue
            inner_kind = "output" if kind == "input" else "input"
            for each in getattr(model.config, inner_kind):
                if each.name == inner:
                    yield _End(
                        f"{step_of(config, index)} {verb} it as {inner_kind} {inner!r}",
                        ("ensemble_scheduling", "step", index, f"{inner_kind}_map", inner),
                        each.data_type,
                        tuple(each.dims),
                        model.config.max_batch_size > 0,
                    )
        if kind == "output":
            yield from _own(config, "output", name, batches)


def _own(config: Any, kind: str, name: str, batches: bool) -> Iterator[_End]:
    for index, tensor in enumerate(getattr(config, kind)):
        if tensor.name == name:
            dims = tensor.reshape.shape if tensor.HasField("reshape") else tensor.dims
            what = f"the ensemble declares it as its {kind}"
            yield _End(what, (kind, index), tensor.data_type, tuple(dims), batches)


def _disagree(before: _End, end: _End, writes: bool) -> bool:
    # What is no data type and no size is a fault of the model that declares it.
    if before.data_type != end.data_type and before.data_type and end.data_type:
        return True
    if not before.dims or not end.dims:
        return False
    if writes:
        return not (_fits(before.dims, end.dims) or _fits(before.full, end.full))
    # Two readers: what they read may have a batch dimension for the one and not for the other.
    alike = before.batches == end.batches and len(before.dims) == len(end.dims)
    return alike and not _fits(before.dims, end.dims)


def _fits(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return len(one) == len(other) and all(a == b or min(a, b) < 1 for a, b in zip(one, other, strict=True))


def _message(ensemble: str, tensor: str, before: _End, end: _End) -> str:
    if before.data_type != end.data_type and before.data_type and end.data_type:
        first, second = dtype_name(before.data_type), dtype_name(end.data_type)
        rule = "the data types must be the same"
    else:
        first, second = _dims(before), _dims(end)
        rule = "the dims must be the same, or -1 where they vary"
    return f"tensor {tensor!r} of ensemble {ensemble!r}: {before.what}, {first}, and {end.what}, {second}; {rule}"


def _dims(end: _End) -> str:
    return f"{dims_text(end.dims)} {'a row' if end.batches else 'without a batch dimension'}"
