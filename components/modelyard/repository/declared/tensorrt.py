"""A TensorRT engine ("plan")."""

from __future__ import annotations

from typing import Literal

from .model import ModelDeclaration
from .parameters import Parameters


class TensorRtParameters(Parameters):
    """triton-inference-server/tensorrt_backend, README.md, parameters."""

    execution_context_allocation_strategy: Literal["STATIC", "ON_PROFILE_CHANGE"] | None = None
    """Default: STATIC, the most that any profile needs."""


class TensorRtModel(ModelDeclaration):
    format: Literal["tensorrt"]
    parameters: TensorRtParameters = TensorRtParameters()
