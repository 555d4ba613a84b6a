"""The signature in the source that a declaration names."""

from __future__ import annotations

from pathlib import Path

from ..declared.model import ModelDeclaration
from ..declared.tensorflow import TensorFlowParameters
from .read import ReadSignature


def read_source(kind: str, path: Path, source: str, model: ModelDeclaration) -> ReadSignature:
    """Inputs and outputs as the model's own file has them.

    Args:
        kind: key of :class:`~modelyard.repository.declared.signature.SignatureSource`.
        path: of the file or folder.
        source: its name in errors.
        model: the declaration; of a SavedModel it may name the graph and the signature that the server takes.

    Raises:
        UnreadableSignature: it is no such file, or holds what Triton lacks.
    """
    if kind == "onnx":
        from .onnx import read_onnx

        return read_onnx(path, source)
    if kind == "mlflow":
        from .mlflow import read_mlflow

        return read_mlflow(path, source)
    from .savedmodel import SERVING, read_savedmodel

    parameters = getattr(model, "parameters", None)
    told = parameters if isinstance(parameters, TensorFlowParameters) else TensorFlowParameters()
    return read_savedmodel(path, source, signature=told.signature_def or SERVING, tags=(told.graph_tag or "serve",))
