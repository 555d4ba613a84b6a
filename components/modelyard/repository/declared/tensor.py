"""Inputs and outputs of a model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...environment.declaration import Declaration
from .dtype import DType
from .texts import LARGEST_DIM, Dims, TensorName, Text

Shape = Annotated[list[Annotated[int, Field(ge=-1, le=LARGEST_DIM)]], Field(max_length=32)]


class Reshape(Declaration):
    """``ModelTensorReshape``: the shape that the model itself takes or gives."""

    shape: Shape
    """Without the batch dimension; empty for a model whose tensor has none but that one."""


class InputTensor(Declaration):
    """``ModelInput``."""

    name: TensorName
    dtype: DType
    dims: Dims
    """Without the batch dimension where max_batch_size is set; -1 for a dimension that varies."""
    format: Literal["none", "nhwc", "nchw"] | None = None
    """Layout of an image; default: none."""
    reshape: Reshape | None = None
    is_shape_tensor: bool | None = None
    """Whether its values are a shape (TensorRT)."""
    allow_ragged_batch: bool | None = None
    """Whether requests of different shapes go into one batch."""
    optional: bool | None = None
    """Whether a request may leave it out."""
    is_non_linear_format_io: bool | None = None
    """Whether the engine keeps it in a layout of its own (TensorRT)."""


class OutputTensor(Declaration):
    """``ModelOutput``."""

    name: TensorName
    dtype: DType
    dims: Dims
    """Without the batch dimension where max_batch_size is set; -1 for a dimension that varies."""
    reshape: Reshape | None = None
    label_filename: Text | None = None
    """File beside model.yaml with one label a line, for the classification extension."""
    is_shape_tensor: bool | None = None
    is_non_linear_format_io: bool | None = None
