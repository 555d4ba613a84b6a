"""Warm-up requests."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ...catalog.spelling import nearest
from ...environment.yaml_document import Steps
from ..repository import RepositoryModel
from .fault import Fault, dims_text, dtype_name, listed

_FOLDER = "warmup"
_BYTES = {
    "BOOL": 1, "UINT8": 1, "INT8": 1, "UINT16": 2, "INT16": 2, "FP16": 2, "BF16": 2, "UINT32": 4, "INT32": 4, "FP32": 4,
    "UINT64": 8, "INT64": 8, "FP64": 8,
}  # fmt: skip
"""Size of one element; STRING has none (``inference.DataType``)."""


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/model_configuration.md, Model Warmup."""
    config = model.config
    if config.HasField("ensemble_scheduling"):
        return
    for index, sample in enumerate(config.model_warmup):
        what = f"warm-up {repr(sample.name) if sample.name else index + 1} of model {model.name!r}"
        for field, message in [*_batch(sample, config.max_batch_size), *_inputs(model, sample)]:
            yield Fault(model.name, ("model_warmup", index, *field), f"{what} {message}")


def _batch(sample: Any, largest: int) -> Iterator[tuple[Steps, str]]:
    size = sample.batch_size
    if size == 0:
        yield ("batch_size",), "has batch_size 0, and Triton skips it; set 1, or more where the model batches"
    elif size > max(largest, 1):
        yield ("batch_size",), f"has batch_size {size}, and the model takes at most {max(largest, 1)}; lower it"


def _inputs(model: RepositoryModel, sample: Any) -> Iterator[tuple[Steps, str]]:
    config = model.config
    declared = {tensor.name: tensor for tensor in config.input}
    beside = {tensor.name for tensor in config.sequence_batching.control_input}
    beside |= {state.input_name for state in config.sequence_batching.state}
    beside |= {name for batch in config.batch_input for name in batch.target_name}
    sizes = {file.key: file.size for file in model.files}
    for name in sorted(sample.inputs):
        given = sample.inputs[name]
        reason = None
        if name in declared:
            reason = _agreement(given, declared[name])
        elif declared and name not in beside:
            closest = nearest(name, declared)
            hint = f"; did you mean {closest!r}?" if closest else f"; it has {listed(sorted(declared))}"
            reason = f"is no input of the model{hint}"
        reason = reason or _data(model.name, given, sizes)
        if reason:
            yield ("inputs", name), f"gives {name!r}, which {reason}"
    missing = sorted(name for name, tensor in declared.items() if not tensor.optional and name not in sample.inputs)
    if missing:
        yield (
            ("inputs",),
            f"does not give {listed(missing)}, which every request of a caller has; add them",
        )


def _agreement(given: Any, tensor: Any) -> str | None:
    if given.data_type != tensor.data_type:
        return (
            f"is {dtype_name(given.data_type)} there and {dtype_name(tensor.data_type)} in the model; make it the same"
        )
    dims, expected = list(given.dims), list(tensor.dims)
    if len(dims) != len(expected) or any(b not in (-1, a) for a, b in zip(dims, expected, strict=True)):
        return f"has dims {dims_text(dims)} there and {dims_text(expected)} in the model; make them the same"
    return None


def _data(model: str, given: Any, sizes: dict[str, int]) -> str | None:
    dims = list(given.dims)
    if any(dim < 1 for dim in dims):
        return f"has dims {dims_text(dims)}; say each dimension, at least 1"
    source = given.WhichOneof("input_data_type")
    if source is None:
        return "says none of zero_data, random_data and input_data_file; add one"
    if source != "input_data_file":
        return None
    key = f"{model}/{_FOLDER}/{given.input_data_file}"
    if key not in sizes:
        return f"is read from {_FOLDER}/{given.input_data_file}, which is not there; add the file, or use zero_data"
    needed = prod(dims) * _BYTES.get(dtype_name(given.data_type), 0)
    if sizes[key] < needed:
        return f"needs {needed} bytes, and {_FOLDER}/{given.input_data_file} has {sizes[key]}; write all of them"
    return None
