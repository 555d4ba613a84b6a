"""Tensors that the batcher makes from the batch, or splits after it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...environment.declaration import Declaration
from .dtype import DType
from .texts import TensorName

Names = Annotated[list[TensorName], Field(min_length=1)]


class BatchInput(Declaration):
    """``BatchInput``: made by the server from the requests of a batch."""

    kind: Literal[
        "batch_element_count", "batch_accumulated_element_count", "batch_accumulated_element_count_with_zero",
        "batch_max_element_count_as_shape", "batch_item_shape", "batch_item_shape_flatten",
    ]  # fmt: skip
    target_name: Names
    dtype: DType
    source_input: Names


class BatchOutput(Declaration):
    """``BatchOutput``: an output that is split in another way than along its first dimension."""

    target_name: Names
    kind: Literal["batch_scatter_with_input_shape"]
    source_input: Names
