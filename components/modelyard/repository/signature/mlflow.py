"""The signature of an MLflow model: the file ``MLmodel`` (mlflow, docs "Model Signatures and Input Examples")."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...environment.yaml_document import UnreadableFile, read
from .read import ReadSignature, ReadTensor, UnreadableSignature

_TENSOR_TYPES = {
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "int8": "INT8", "int16": "INT16", "int32": "INT32",
    "int64": "INT64", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64", "bool": "BOOL",
    "str": "STRING", "object": "STRING", "bytes": "STRING",
}  # fmt: skip
_COLUMN_TYPES = {
    "boolean": "BOOL", "integer": "INT32", "long": "INT64", "float": "FP32", "double": "FP64", "string": "STRING",
    "binary": "STRING",
}  # fmt: skip


def read_mlflow(path: Path, source: str) -> ReadSignature:
    """Tensors as they are; columns as tensors of one value a row, each by its name.

    Args:
        path: the model's folder, or its MLmodel file.
        source: its name in errors.

    Raises:
        UnreadableSignature: no such file, no signature in it, or a type that no tensor has.
    """
    file = path / "MLmodel" if path.is_dir() else path
    try:
        document = read(file)
    except UnreadableFile as error:
        raise UnreadableSignature(error.message + (f" (line {error.line})" if error.line else "")) from None
    signature = document.data.get("signature") if isinstance(document.data, dict) else None
    if not isinstance(signature, dict):
        raise UnreadableSignature(
            "has no signature; log the model with one (mlflow.models.infer_signature), or type inputs and outputs out"
        )
    return ReadSignature(source, _tensors(signature, "inputs"), _tensors(signature, "outputs"))


def _tensors(signature: dict[str, Any], side: str) -> tuple[ReadTensor, ...]:
    written = signature.get(side)
    if written is None:
        raise UnreadableSignature(f"has a signature without {side}; log the model with both, or type them out")
    try:
        entries = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        raise UnreadableSignature(f"has a signature whose {side} are not JSON") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnreadableSignature(f"has a signature whose {side} are not a list")
    return tuple(_tensor(entry, side, position) for position, entry in enumerate(entries))


def _tensor(entry: dict[str, Any], side: str, position: int) -> ReadTensor:
    name = entry.get("name")
    name = name if isinstance(name, str) and name else None
    what = f"{side}[{position}]" + (f" {name!r}" if name else "")
    optional = entry.get("required") is False or entry.get("optional") is True
    if entry.get("type") == "tensor":
        spec = entry.get("tensor-spec")
        shape = spec.get("shape") if isinstance(spec, dict) else None
        dtype = spec.get("dtype") if isinstance(spec, dict) else None
        if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape):
            raise UnreadableSignature(f"has {what} without a shape")
        known = "STRING" if str(dtype).startswith(("<U", "|S")) else _TENSOR_TYPES.get(str(dtype))
        if known is None:
            raise UnreadableSignature(f"has {what} of dtype {dtype}, which Triton does not have")
        return ReadTensor(name, known, tuple(shape), optional)
    known = _COLUMN_TYPES.get(str(entry.get("type")))
    if known is None:
        raise UnreadableSignature(f"has {what} of type {entry.get('type')}, which no tensor has; type it out")
    return ReadTensor(name, known, (-1, 1), optional, row=True)
