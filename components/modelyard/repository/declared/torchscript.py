"""A PyTorch model: TorchScript, or compiled ahead of time by AOTInductor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .model import ModelDeclaration
from .parameters import Parameters

Threads = Annotated[int, Field(ge=1, le=1024)]


class TorchParameters(Parameters):
    """triton-inference-server/pytorch_backend, README.md, parameters."""

    keys: ClassVar[Mapping[str, str]] = {
        name: name.upper()
        for name in (
            "disable_optimized_execution", "inference_mode", "disable_cudnn", "enable_weight_sharing",
            "enable_cache_cleaning", "inter_op_thread_count", "intra_op_thread_count", "enable_jit_executor",
            "enable_jit_profiling",
        )
    }  # fmt: skip

    disable_optimized_execution: bool | None = None
    inference_mode: bool | None = None
    """Default: true."""
    disable_cudnn: bool | None = None
    enable_weight_sharing: bool | None = None
    """Whether instances on one device share weights; not for models that keep a state. Default: false."""
    enable_cache_cleaning: bool | None = None
    inter_op_thread_count: Threads | None = None
    """Of the whole server: that of the first model which says it counts."""
    intra_op_thread_count: Threads | None = None
    """Of the whole server: that of the first model which says it counts."""
    enable_jit_executor: bool | None = None
    enable_jit_profiling: bool | None = None


class TorchScriptModel(ModelDeclaration):
    format: Literal["torchscript"]
    parameters: TorchParameters = TorchParameters()


class AotInductorModel(ModelDeclaration):
    """``model.pt2``; takes neither batches of more than 1 nor sequences yet."""

    format: Literal["torch_aoti"]
    parameters: TorchParameters = TorchParameters()
