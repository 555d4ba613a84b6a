"""CUDA settings of a model (TensorRT)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...environment.declaration import Declaration
from .texts import LARGEST_DIM, TensorName

Shape = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_DIM)]], Field(min_length=1)]


class LowerBound(Declaration):
    """``Cuda.GraphSpec.LowerBound``: the smallest batch and shapes that a graph also serves."""

    batch_size: Annotated[int, Field(ge=0, le=65_536)] | None = None
    input: dict[TensorName, Shape] = {}


class GraphSpec(Declaration):
    """``Cuda.GraphSpec``: a batch size and shapes to capture a graph for."""

    batch_size: Annotated[int, Field(ge=0, le=65_536)] | None = None
    input: dict[TensorName, Shape] = {}
    graph_lower_bound: LowerBound | None = None


class Cuda(Declaration):
    """``ModelOptimizationPolicy.Cuda``."""

    graphs: bool | None = None
    """Whether executions are captured as CUDA graphs. Default: false."""
    busy_wait_events: bool | None = None
    graph_spec: list[GraphSpec] = []
    output_copy_stream: bool | None = None
