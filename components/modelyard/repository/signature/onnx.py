"""The signature of an ONNX model (onnx/onnx, docs/IR.md and onnx/onnx.proto).

Weights are passed over: of a file of any size only the graph's inputs and outputs are read, and external data never.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .read import ReadSignature, ReadTensor, UnreadableSignature
from .wire import Span, fields

_TYPES = {
    "FLOAT": "FP32", "DOUBLE": "FP64", "FLOAT16": "FP16", "BFLOAT16": "BF16", "STRING": "STRING", "BOOL": "BOOL",
    "UINT8": "UINT8", "UINT16": "UINT16", "UINT32": "UINT32", "UINT64": "UINT64", "INT8": "INT8", "INT16": "INT16",
    "INT32": "INT32", "INT64": "INT64",
}  # fmt: skip
_GRAPH, _INITIALIZER, _INPUT, _OUTPUT = 7, 5, 11, 12
_SPARSE_INITIALIZER, _SPARSE_VALUES, _TENSOR_NAME = 15, 1, 8
_LARGEST_VALUE_INFO = 1024 * 1024


def read_onnx(path: Path, source: str) -> ReadSignature:
    """Inputs and outputs of the graph; inputs that an initializer gives are left out.

    Args:
        path: the file.
        source: its name in errors.

    Raises:
        UnreadableSignature: no file, no ONNX model, a tensor type that Triton does not have, or no ``onnx`` package.
    """
    try:
        import onnx
    except ImportError:
        raise UnreadableSignature(
            "cannot be read, as the package onnx is not installed; install modelyard[onnx], or type inputs and outputs "
            "out instead of signature"
        ) from None
    try:
        with path.open("rb") as file:
            graph = _graph(file)
            initialized = set(_initialized(file, graph))
            inputs = [_value(onnx, content) for content in _messages(file, graph, _INPUT)]
            outputs = [_value(onnx, content) for content in _messages(file, graph, _OUTPUT)]
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error.strerror).lower()
        raise UnreadableSignature(f"cannot be read: {reason}") from None
    if not outputs:
        raise UnreadableSignature("is not an ONNX model: its graph has no outputs")
    return ReadSignature(source, tuple(each for each in inputs if each.name not in initialized), tuple(outputs))


def _graph(file: BinaryIO) -> Span:
    size = os.fstat(file.fileno()).st_size
    for number, span in fields(file, (0, size), _damaged):
        if number == _GRAPH:
            return span
    raise UnreadableSignature("is not an ONNX model: it holds no graph")


def _initialized(file: BinaryIO, graph: Span) -> Iterator[str]:
    for number, span in fields(file, graph, _damaged):
        if number == _INITIALIZER:
            yield from _names(file, span)
        elif number == _SPARSE_INITIALIZER:
            for inner, values in fields(file, span, _damaged):
                if inner == _SPARSE_VALUES:
                    yield from _names(file, values)


def _names(file: BinaryIO, tensor: Span) -> Iterator[str]:
    for number, (start, end) in fields(file, tensor, _damaged):
        if number == _TENSOR_NAME:
            file.seek(start)
            yield file.read(min(end - start, _LARGEST_VALUE_INFO)).decode("utf-8", "replace")


def _messages(file: BinaryIO, graph: Span, wanted: int) -> Iterator[bytes]:
    for number, (start, end) in fields(file, graph, _damaged):
        if number == wanted:
            if end - start > _LARGEST_VALUE_INFO:
                raise _damaged()
            file.seek(start)
            yield file.read(end - start)


def _damaged() -> UnreadableSignature:
    return UnreadableSignature("is not an ONNX model, or is cut off: its protobuf cannot be read")


def _value(onnx: Any, content: bytes) -> ReadTensor:
    from google.protobuf.message import DecodeError

    try:
        value = onnx.ValueInfoProto.FromString(content)
    except DecodeError:
        raise _damaged() from None
    optional = value.type.WhichOneof("value") == "optional_type"
    of = value.type.optional_type.elem_type if optional else value.type
    if of.WhichOneof("value") != "tensor_type":
        kind = (of.WhichOneof("value") or "no type").removesuffix("_type")
        raise UnreadableSignature(f"has {value.name!r} of {kind}, and Triton takes tensors only")
    tensor = of.tensor_type
    name = onnx.TensorProto.DataType.Name(tensor.elem_type) if _known(onnx, tensor.elem_type) else str(tensor.elem_type)
    if name not in _TYPES:
        raise UnreadableSignature(f"has {value.name!r} of type {name}, which Triton does not have")
    shape = None
    if tensor.HasField("shape"):
        shape = tuple(d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else -1 for d in tensor.shape.dim)
    return ReadTensor(value.name, _TYPES[name], shape, optional)


def _known(onnx: Any, number: int) -> bool:
    return number in onnx.TensorProto.DataType.values()
