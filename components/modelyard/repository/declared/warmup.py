"""Requests that a model answers before it is ready."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ...environment.declaration import Declaration
from .dtype import DType
from .texts import Dims, TensorName, Text


class WarmupInput(Declaration):
    """``ModelWarmup.Input``."""

    dtype: DType
    dims: Dims
    """Without the batch dimension; no dimension varies."""
    zero_data: bool | None = None
    random_data: bool | None = None
    input_data_file: Text | None = None
    """File below ``warmup/`` beside model.yaml, raw bytes."""

    @model_validator(mode="after")
    def _one(self) -> WarmupInput:
        if sum((bool(self.zero_data), bool(self.random_data), self.input_data_file is not None)) != 1:
            raise ValueError("must say one of zero_data: true, random_data: true and input_data_file: <file>")
        return self


class Warmup(Declaration):
    """``ModelWarmup``."""

    name: Text
    batch_size: Annotated[int, Field(ge=0, le=65_536)] | None = None
    """Default: 1; 0 for a model that does not batch. Triton skips a warm-up with 0 of a model that does."""
    inputs: Annotated[dict[TensorName, WarmupInput], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """How often; default: 1."""
