"""Where inputs and outputs are read from instead of being typed."""

from __future__ import annotations

from pydantic import model_validator

from ...environment.declaration import Declaration
from .texts import Text


class SignatureSource(Declaration):
    """One of the three. What is also typed out must agree."""

    onnx: Text | None = None
    """An ONNX file, relative to the model's folder: ``1/model.onnx``."""
    mlflow: Text | None = None
    """Folder of an MLflow model, or its MLmodel file, relative to the model's folder."""

    savedmodel: Text | None = None
    """Folder of a TensorFlow SavedModel, or its saved_model.pb, relative to the model's folder: ``1/model.savedmodel``.
    Read is the signature of ``parameters.signature_def`` (default: ``serving_default``) in the graph tagged
    ``parameters.graph_tag`` (default: ``serve``)."""

    def named(self) -> tuple[str, str]:
        """Key and path of the one source."""
        ((key, path),) = self._given()
        return key, path

    def _given(self) -> list[tuple[str, str]]:
        return [(key, path) for key in type(self).model_fields if (path := getattr(self, key)) is not None]

    @model_validator(mode="after")
    def _one(self) -> SignatureSource:
        if len(self._given()) != 1:
            raise ValueError("must name one source: {onnx: <file>}, {mlflow: <folder>} or {savedmodel: <folder>}")
        return self
