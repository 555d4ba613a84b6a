"""An ensemble: models in steps, whose tensors the server passes on."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from ...environment.declaration import Declaration
from .model import ModelDeclaration
from .texts import TensorName, Text


class Step(Declaration):
    """``ModelEnsembling.Step``."""

    model: Text
    """Name of a model of the same file."""
    version: Annotated[int, Field(ge=-1, le=2**31 - 1)] | None = None
    """Default: -1, the newest that is loaded."""
    inputs: Annotated[dict[TensorName, TensorName], Field(min_length=1)]
    """``input_map``: the model's input to the ensemble's tensor."""
    outputs: Annotated[dict[TensorName, TensorName], Field(min_length=1)]
    """``output_map``: the model's output to the ensemble's tensor."""
    namespace: Text | None = None
    """``model_namespace``, where the server runs with namespaces."""


class EnsembleModel(ModelDeclaration):
    """``ModelEnsembling``. It executes nothing itself, so it has no instances and no batcher."""

    scheduled_by_triton: ClassVar[bool] = False
    format: Literal["ensemble"]
    steps: Annotated[list[Step], Field(min_length=1)]
    max_inflight_requests: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    """Requests that a step may have waiting, against a fast step before a slow one (decoupled models); from 25.11.
    Default: 0, which is no limit."""

    @model_validator(mode="after")
    def _executes_nothing(self) -> EnsembleModel:
        for name in ("batching", "sequence_batching", "instances", "warmup", "optimization"):
            if getattr(self, name):
                raise ValueError(
                    f"{name} has no meaning for an ensemble, which executes nothing itself; write it to the models of "
                    "its steps"
                )
        return self
