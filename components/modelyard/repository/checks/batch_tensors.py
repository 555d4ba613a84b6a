"""Tensors that the batcher makes from a batch, or splits after it."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.spelling import nearest
from ..repository import RepositoryModel
from .fault import Fault, dtype_name, listed

_TYPES = ("INT32", "FP32")


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/ragged_batching.md."""
    config = model.config
    inputs = [tensor.name for tensor in config.input]
    outputs = [tensor.name for tensor in config.output]
    for kind in ("batch_input", "batch_output"):
        for index, tensor in enumerate(getattr(config, kind)):
            where = (kind, index)
            target = listed(list(tensor.target_name)) if tensor.target_name else index + 1
            what = f"{kind} {target} of model {model.name!r}"
            if len(tensor.source_input) != 1:
                message = f"{what} names {len(tensor.source_input)} source inputs; it is made from one"
                yield Fault(model.name, (*where, "source_input"), message)
            for name in tensor.source_input:
                if name not in inputs:
                    message = f"{what} is made from {name!r}, which is no input of the model{_hint(name, inputs)}"
                    yield Fault(model.name, (*where, "source_input"), message)
            if kind == "batch_input" and dtype_name(tensor.data_type) not in _TYPES:
                message = f"{what} is {dtype_name(tensor.data_type)}; it is one of {', '.join(_TYPES)}"
                yield Fault(model.name, (*where, "data_type"), message)
            if kind == "batch_output":
                for name in tensor.target_name:
                    if name not in outputs:
                        message = f"{what} splits {name!r}, which is no output of the model{_hint(name, outputs)}"
                        yield Fault(model.name, (*where, "target_name"), message)
                twice = {name for name in tensor.target_name if list(tensor.target_name).count(name) > 1}
                for name in sorted(twice):
                    message = f"{what} names {name!r} twice; name it once"
                    yield Fault(model.name, (*where, "target_name"), message)


def _hint(name: str, known: list[str]) -> str:
    closest = nearest(name, known)
    return f"; did you mean {closest!r}?" if closest else f"; it has {', '.join(map(repr, known)) or 'none'}"
