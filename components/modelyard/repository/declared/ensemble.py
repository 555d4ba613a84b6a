"""Steps of an ensemble."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ...environment.declaration import Declaration
from .texts import TensorName, Text


class Step(Declaration):
    """``ModelEnsembling.Step``."""

    model: Text
    """Name of a model of the same file."""
    version: Annotated[int, Field(ge=-1)] | None = None
    """Default: -1, the newest that is loaded."""
    inputs: Annotated[dict[TensorName, TensorName], Field(min_length=1)]
    """``input_map``: the model's input to the ensemble's tensor."""
    outputs: Annotated[dict[TensorName, TensorName], Field(min_length=1)]
    """``output_map``: the model's output to the ensemble's tensor."""
    namespace: Text | None = None
    """``model_namespace``, where the server runs with namespaces."""
