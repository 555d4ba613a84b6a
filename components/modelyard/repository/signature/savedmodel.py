"""The signature of a TensorFlow SavedModel, read without TensorFlow.

Follows ``saved_model.proto``, ``meta_graph.proto``, ``tensor_shape.proto`` and ``types.proto`` of TensorFlow.
The graph is passed over, and variables lie in other files: of a model of any size a few kilobytes are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ...catalog.spelling import nearest
from .read import ReadSignature, ReadTensor, UnreadableSignature
from .wire import Span, fields, values

FILE = "saved_model.pb"
SERVING = "serving_default"
"""Signature that a request gets which names none."""

_TYPES = {
    1: "FP32", 2: "FP64", 3: "INT32", 4: "UINT8", 5: "INT16", 6: "INT8", 7: "STRING", 9: "INT64", 10: "BOOL",
    14: "BF16", 17: "UINT16", 19: "FP16", 22: "UINT32", 23: "UINT64",
}  # fmt: skip
_META_GRAPHS = 2
_META_INFO, _SIGNATURES = 1, 5
_TAGS = 4
_KEY, _VALUE = 1, 2
_INPUTS, _OUTPUTS = 1, 2
_NAME, _TYPE, _SHAPE = 1, 2, 3
_DIM, _UNKNOWN_RANK = 2, 3
_SIZE = 1
_LARGEST_BYTES = 16 * 1024 * 1024


def read_savedmodel(
    path: Path, source: str, *, signature: str = SERVING, tags: Sequence[str] = ("serve",)
) -> ReadSignature:
    """Inputs and outputs of one signature, in the order of their names.

    Args:
        path: the version's folder, or its saved_model.pb.
        source: its name in errors.
        signature: its key.
        tags: of the meta graph that has it.

    Raises:
        UnreadableSignature: no such file, no SavedModel, no meta graph of these tags, no such signature, or a tensor
            type that no server takes.
    """
    file_path = path / FILE if path.is_dir() else path
    try:
        with file_path.open("rb") as file:
            found = _signatures(file, tuple(sorted(tags)))
    except OSError as error:
        reason = str(error.strerror).lower()
        if isinstance(error, FileNotFoundError):
            reason = f"there is no {FILE} in it" if path.is_dir() else "there is no such file"
        raise UnreadableSignature(f"cannot be read: {reason}") from None
    if signature not in found:
        listed = ", ".join(sorted(found)) or "none"
        closest = nearest(signature, found)
        hint = f"; did you mean {closest!r}?" if closest else "."
        raise UnreadableSignature(f"has no signature {signature!r}, only {listed}{hint}")
    return ReadSignature(source, _tensors(found[signature], _INPUTS), _tensors(found[signature], _OUTPUTS))


def _signatures(file: BinaryIO, tags: tuple[str, ...]) -> dict[str, bytes]:
    """Signatures by key of the meta graph with exactly these tags."""
    size = os.fstat(file.fileno()).st_size
    others: list[str] = []
    for number, graph in fields(file, (0, size), _damaged):
        if number != _META_GRAPHS:
            continue
        within = list(fields(file, graph, _damaged))
        own = tuple(sorted(_texts(_content(file, within, _META_INFO), _TAGS)))
        if own == tags:
            return dict(_pair(entry) for entry in _contents(file, within, _SIGNATURES))
        others.append(" and ".join(own) or "no tag")
    if not others:
        raise _damaged()
    raise UnreadableSignature(f"has no graph tagged {' and '.join(tags)}; it has {', '.join(others)}")


def _contents(file: BinaryIO, within: Sequence[tuple[int, Span]], wanted: int) -> Iterator[bytes]:
    for number, (start, end) in within:
        if number == wanted:
            if end - start > _LARGEST_BYTES:
                raise _damaged()
            file.seek(start)
            yield file.read(end - start)


def _content(file: BinaryIO, within: Sequence[tuple[int, Span]], wanted: int) -> bytes:
    return b"".join(_contents(file, within, wanted))


def _texts(content: bytes, wanted: int) -> list[str]:
    return [_text(value) for number, value in values(content, _damaged) if number == wanted]


def _text(value: int | bytes) -> str:
    if isinstance(value, int):
        raise _damaged()
    return value.decode("utf-8", "replace")


def _pair(entry: bytes) -> tuple[str, bytes]:
    """Key and value of an entry of a map."""
    held = dict(values(entry, _damaged))
    value = held.get(_VALUE, b"")
    if isinstance(value, int):
        raise _damaged()
    return _text(held.get(_KEY, b"")), value


def _tensors(signature: bytes, side: int) -> tuple[ReadTensor, ...]:
    entries = [value for number, value in values(signature, _damaged) if number == side]
    named = sorted(_pair(entry) for entry in entries if isinstance(entry, bytes))
    return tuple(_tensor(name, info) for name, info in named)


def _tensor(name: str, info: bytes) -> ReadTensor:
    held = dict(values(info, _damaged))
    if _NAME not in held:
        raise UnreadableSignature(f"has {name!r}, which is no dense tensor, and servers take these only")
    kind = held.get(_TYPE, 0)
    if not isinstance(kind, int) or kind not in _TYPES:
        raise UnreadableSignature(f"has {name!r} of TensorFlow's type {kind}, which no request can hold")
    shape = held.get(_SHAPE)
    return ReadTensor(name, _TYPES[kind], _shape(shape) if isinstance(shape, bytes) else ())


def _shape(content: bytes) -> tuple[int, ...] | None:
    held = list(values(content, _damaged))
    if any(number == _UNKNOWN_RANK and value for number, value in held):
        return None
    return tuple(_size(value) for number, value in held if number == _DIM and isinstance(value, bytes))


def _size(dim: bytes) -> int:
    size = dict(values(dim, _damaged)).get(_SIZE, 0)
    # Below zero, which protobuf writes as a number above 2^63, the dimension varies.
    return size if isinstance(size, int) and size < 2**63 else -1


def _damaged() -> UnreadableSignature:
    return UnreadableSignature("is not a SavedModel, or is cut off: its protobuf cannot be read")
