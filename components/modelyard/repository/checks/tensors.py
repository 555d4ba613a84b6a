"""Inputs and outputs: names, data types, dimensions, reshapes."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ..repository import RepositoryModel
from .backend_name import backend_name
from .completion import is_completed
from .fault import Fault, dims_text

_IMAGE_FORMATS = (1, 2)
"""``FORMAT_NHWC`` and ``FORMAT_NCHW`` of ``ModelInput.Format``."""
_IMAGE_DIMS = 3


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """Each tensor by itself (triton-inference-server/server docs/user_guide/model_configuration.md, Inputs and
    Outputs, Reshape, Shape Tensors)."""
    for kind in ("input", "output"):
        seen: set[str] = set()
        for index, tensor in enumerate(getattr(model.config, kind)):
            where = (kind, index)
            if not tensor.name:
                yield Fault(model.name, where, f"{kind} {index + 1} of model {model.name!r} has no name; give it one")
                continue
            what = f"{kind} {tensor.name!r} of model {model.name!r}"
            if tensor.name in seen:
                yield Fault(
                    model.name, (*where, "name"), f"{what} is declared twice; rename one of the two, or delete it"
                )
            seen.add(tensor.name)
            for field, message in _tensor(model, kind, tensor):
                yield Fault(model.name, (*where, *field), f"{what} {message}")


def _tensor(model: RepositoryModel, kind: str, tensor: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    dims = list(tensor.dims)
    completed = is_completed(model)
    if tensor.data_type == 0 and not completed:
        yield ("data_type",), "has no data type; say what its elements are, such as FP32"
    if not dims and not completed:
        yield ("dims",), "has no dims; list its dimensions without the batch, [1] for one number a row"
    wrong = [dim for dim in dims if dim < 1 and dim != -1]
    if wrong:
        yield ("dims",), f"has a dimension {wrong[0]} in {dims_text(dims)}; each is at least 1, or -1 where it varies"
    elif dims and tensor.HasField("reshape"):
        reason = _reshape(dims, list(tensor.reshape.shape), model.config.max_batch_size)
        if reason:
            yield ("reshape", "shape"), reason
    if kind == "input" and tensor.format in _IMAGE_FORMATS and len(dims) != _IMAGE_DIMS:
        yield ("format",), f"has an image format and {len(dims)} dims, {dims_text(dims)}; an image has three"
    if backend_name(model) != "tensorrt":
        for flag in ("is_shape_tensor", "is_non_linear_format_io"):
            if getattr(tensor, flag):
                yield (flag,), f"sets {flag}, which only TensorRT engines have; delete it"
    elif tensor.is_non_linear_format_io and len(dims) != _IMAGE_DIMS:
        yield ("is_non_linear_format_io",), f"is in a layout of the engine's own and has {len(dims)} dims; it has three"


def _reshape(dims: list[int], shape: list[int], max_batch_size: int) -> str | None:
    if not shape and max_batch_size == 0:
        return "is reshaped to nothing while max_batch_size is 0; the model would get no data: name a shape"
    wrong = [dim for dim in shape if dim < 1 and dim != -1]
    if wrong:
        return (
            f"is reshaped to {dims_text(shape)}, which holds {wrong[0]}; each dimension is at least 1, or -1 where it "
            "varies"
        )
    if _between_variable(dims) == _between_variable(shape):
        return None
    return (
        f"has dims {dims_text(dims)} and is reshaped to {dims_text(shape)}, which is another number of elements; the "
        "products before, between and after variable dimensions must be the same"
    )


def _between_variable(dims: list[int]) -> list[int]:
    """Elements before, between and after the variable dimensions: [2, 4, -1, 6] gives 8 and 6."""
    runs: list[list[int]] = [[]]
    for dim in dims:
        if dim == -1:
            runs.append([])
        else:
            runs[-1].append(dim)
    return [prod(run) for run in runs]
