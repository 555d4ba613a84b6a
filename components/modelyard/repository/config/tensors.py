"""Inputs and outputs (``ModelInput``, ``ModelOutput``, ``BatchInput``, ``BatchOutput``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..declared.model import ModelDeclaration
from ..declared.tensor import InputTensor, OutputTensor
from ..protobuf import ModelConfig, module
from .assign import assign


def set_tensors(config: ModelConfig, inputs: Sequence[InputTensor], outputs: Sequence[OutputTensor]) -> None:
    for tensor in inputs:
        written = config.input.add()
        _set_tensor(written, tensor)
        assign(written, tensor, "allow_ragged_batch", "optional")
        if tensor.format is not None:
            written.format = written.Format.Value(f"FORMAT_{tensor.format.upper()}")
    for tensor in outputs:
        written = config.output.add()
        _set_tensor(written, tensor)
        assign(written, tensor, "label_filename")


def set_batch_tensors(config: ModelConfig, model: ModelDeclaration) -> None:
    for declared in model.batch_inputs:
        written = config.batch_input.add()
        written.kind = written.Kind.Value(declared.kind.upper())
        written.data_type = data_type(declared.dtype)
        written.target_name.extend(declared.target_name)
        written.source_input.extend(declared.source_input)
    for declared in model.batch_outputs:
        written = config.batch_output.add()
        written.kind = written.Kind.Value(declared.kind.upper())
        written.target_name.extend(declared.target_name)
        written.source_input.extend(declared.source_input)


def data_type(dtype: str) -> int:
    """Number of ``FP32`` and the like in ``inference.DataType``."""
    return module().DataType.Value(f"TYPE_{dtype}")


def _set_tensor(written: Any, tensor: InputTensor | OutputTensor) -> None:
    written.name = tensor.name
    written.data_type = data_type(tensor.dtype)
    written.dims.extend(tensor.dims)
    if tensor.reshape is not None:
        written.reshape.SetInParent()
        written.reshape.shape.extend(tensor.reshape.shape)
    assign(written, tensor, "is_shape_tensor", "is_non_linear_format_io")
