"""Settings that make a model faster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...environment.declaration import Declaration
from .accelerator import ExecutionAccelerators
from .cuda import Cuda


class Optimization(Declaration):
    """``ModelOptimizationPolicy``."""

    graph_level: Annotated[int, Field(ge=-1, le=2)] | None = None
    """``graph.level``: -1 basic, 0 the backend's default, 1 and 2 further (ONNX Runtime, TensorFlow)."""
    priority: Literal["default", "max", "min"] | None = None
    cuda: Cuda | None = None
    execution_accelerators: ExecutionAccelerators | None = None
    input_pinned_memory: bool | None = None
    """Default: true."""
    output_pinned_memory: bool | None = None
    """Default: true."""
    gather_kernel_buffer_threshold: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    """TensorRT; default: 0, which is off."""
    eager_batching: bool | None = None
    """Whether the next batch is prepared while an execution runs (TensorRT). Default: false."""
