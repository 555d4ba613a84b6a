"""Where inputs and outputs are read from instead of being typed."""

from __future__ import annotations

from pydantic import model_validator

from ...environment.declaration import Declaration
from .texts import Text


class SignatureSource(Declaration):
    """One of the two. What is also typed out must agree."""

    onnx: Text | None = None
    """An ONNX file, relative to the model's folder: ``1/model.onnx``."""
    mlflow: Text | None = None
    """Folder of an MLflow model, or its MLmodel file, relative to the model's folder."""

    @model_validator(mode="after")
    def _one(self) -> SignatureSource:
        if (self.onnx is None) == (self.mlflow is None):
            raise ValueError("must name one source: {onnx: <file>} or {mlflow: <folder>}")
        return self
