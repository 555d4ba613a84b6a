"""An ONNX model, served by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .model import ModelDeclaration
from .parameters import Parameters
from .texts import Text

Threads = Annotated[int, Field(ge=0, le=1024)]


class OnnxParameters(Parameters):
    """triton-inference-server/onnxruntime_backend, README.md, model config options."""

    keys: ClassVar[Mapping[str, str]] = {
        "enable_memory_arena_shrinkage": "memory.enable_memory_arena_shrinkage",
        "use_device_allocator_for_initializers": "session.use_device_allocator_for_initializers",
    }
    switch: ClassVar[tuple[str, str]] = ("0", "1")

    intra_op_thread_count: Threads | None = None
    """Threads inside an operator. Default: 0, one a core."""
    inter_op_thread_count: Threads | None = None
    """Threads across operators; only with execution_mode parallel. Default: 0, one a core."""
    execution_mode: Literal["sequential", "parallel"] | None = None
    enable_mem_arena: bool | None = None
    enable_mem_pattern: bool | None = None
    enable_memory_arena_shrinkage: Text | None = None
    """Devices whose arena shrinks after an execution: ``cpu:0;gpu:0``."""
    use_device_allocator_for_initializers: bool | None = None

    def texts(self, release: str) -> dict[str, str]:
        found = super().texts(release)
        if self.execution_mode is not None:
            found["execution_mode"] = "1" if self.execution_mode == "parallel" else "0"
        return found


class OnnxModel(ModelDeclaration):
    format: Literal["onnx"]
    parameters: OnnxParameters = OnnxParameters()
