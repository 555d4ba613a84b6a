"""Execution accelerators inside a backend."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag, model_validator

from ...environment.alternatives import alternatives
from ...environment.declaration import Declaration
from .texts import ParameterValue, Text


class TensorRt(Declaration):
    """TensorRT through ONNX Runtime, or through TensorFlow. What is left out keeps the backend's default."""

    precision: Literal["FP32", "FP16", "BF16", "INT8"] | None = None
    """``precision_mode``."""
    max_workspace_bytes: Annotated[int, Field(ge=1)] | None = None
    """``max_workspace_size_bytes``: GPU memory that an execution may use for a time."""
    engine_cache: bool | None = None
    """``trt_engine_cache_enable``: keep built engines, which take minutes to build (ONNX Runtime)."""
    engine_cache_path: Text | None = None
    """``trt_engine_cache_path``: where; the server must be able to write there."""
    int8_calibration_table_name: Text | None = None
    int8_use_native_calibration_table: bool | None = None
    max_cached_engines: Annotated[int, Field(ge=1)] | None = None
    """TensorFlow only."""
    minimum_segment_size: Annotated[int, Field(ge=1)] | None = None
    """TensorFlow only."""
    extra_parameters: dict[Text, ParameterValue] = {}
    """Passed on as they are."""

    @model_validator(mode="after")
    def _cache(self) -> TensorRt:
        if self.engine_cache_path is not None and not self.engine_cache:
            raise ValueError("engine_cache_path needs engine_cache: true")
        return self


class NamedAccelerator(Declaration):
    """Any accelerator, with its parameters as the backend's documentation names them."""

    name: Text
    parameters: dict[Text, ParameterValue] = {}


class TensorRtAccelerator(Declaration):
    tensorrt: TensorRt


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "(word)"
    if isinstance(value, NamedAccelerator | TensorRtAccelerator):
        return "(named)" if isinstance(value, NamedAccelerator) else "(tensorrt)"
    if isinstance(value, dict):
        return "(tensorrt)" if "tensorrt" in value else "(named)" if "name" in value else None
    return None


_ALLOWED = "an accelerator's name, {tensorrt: {precision: FP16, ...}} or {name: <name>, parameters: {...}}"

GpuAccelerator = Annotated[
    Annotated[Literal["tensorrt", "cuda", "auto_mixed_precision", "gpu_io"], Tag("(word)")]
    | Annotated[TensorRtAccelerator, Tag("(tensorrt)")]
    | Annotated[NamedAccelerator, Tag("(named)")],
    alternatives(_kind, _ALLOWED),
]
CpuAccelerator = Annotated[
    Annotated[Literal["openvino"], Tag("(word)")] | Annotated[NamedAccelerator, Tag("(named)")],
    alternatives(_kind, "openvino, or {name: <name>, parameters: {...}}"),
]


class ExecutionAccelerators(Declaration):
    """``ModelOptimizationPolicy.ExecutionAccelerators``, in the order in which they are tried."""

    gpu: list[GpuAccelerator] = []
    """For instances on a GPU."""
    cpu: list[CpuAccelerator] = []
    """For instances on a CPU."""
