"""Tensors as bytes: the protocol's "Binary tensor data extension", which Triton has, and the raw tensors of its gRPC.

Values lie row by row, little-endian; a text has its length before it, in four bytes. BF16 is the upper half of FP32.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from math import isnan
from typing import Any

from .refusal import CannotAsk
from .tensor import Tensor

_CODES = {
    "BOOL": "?", "UINT8": "B", "UINT16": "H", "UINT32": "I", "UINT64": "Q", "INT8": "b", "INT16": "h", "INT32": "i",
    "INT64": "q", "FP16": "e", "FP32": "f", "FP64": "d",
}  # fmt: skip
"""Of the module ``struct``."""
_SPACE = " \t\r\n"
"""That JSON may have around it."""


def binary_body(tensors: Sequence[Tensor]) -> tuple[bytes, int]:
    """The request, which asks for such an answer too, and how many of its bytes are JSON.

    Raises:
        CannotAsk: a value is not one that its data type holds.
    """
    packed = [pack(each) for each in tensors]
    described = [
        {
            "name": each.name,
            "datatype": each.datatype,
            "shape": list(each.shape),
            "parameters": {"binary_data_size": len(content)},
        }
        for each, content in zip(tensors, packed, strict=True)
    ]
    head = json.dumps({"inputs": described, "parameters": {"binary_data_output": True}}).encode()
    return b"".join((head, *packed)), len(head)


def read_outputs(body: bytes) -> list[Tensor]:
    """The outputs of an answer, each as JSON or as bytes.

    Where its JSON ends is seen in the body itself: a service between may take the header away that says it.

    Raises:
        KeyError, TypeError, ValueError: it is no such answer.
    """
    end = _end_of_json(body) if b'"binary_data_size"' in body else len(body)
    outputs: list[Tensor] = []
    for said in json.loads(body[:end])["outputs"]:
        size = (said.get("parameters") or {}).get("binary_data_size")
        if size is None:
            outputs.append(Tensor.listed(said))
            continue
        if not isinstance(size, int) or not 0 <= size <= len(body) - end:
            raise ValueError(f"{size} bytes of {said['name']} are not there")
        outputs.append(unpack(str(said["name"]), str(said["datatype"]), tuple(said["shape"]), body[end : end + size]))
        end += size
    if body[end:].strip(_SPACE.encode()):
        raise ValueError(f"{len(body) - end} bytes are of no output")
    return outputs


def pack(tensor: Tensor) -> bytes:
    """Raises CannotAsk for a value that the data type does not hold."""
    try:
        if tensor.datatype == "BYTES":
            texts = (each if isinstance(each, bytes) else str(each).encode() for each in tensor.data)
            return b"".join(struct.pack("<I", len(text)) + text for text in texts)
        if tensor.datatype == "BF16":
            return struct.pack(f"<{len(tensor.data)}H", *map(_upper_half, tensor.data))
        return struct.pack(f"<{len(tensor.data)}{_CODES[tensor.datatype]}", *tensor.data)
    except (OverflowError, TypeError, UnicodeError, struct.error):
        raise CannotAsk(f"tensor {tensor.name!r}: a value is not one that {tensor.datatype} holds") from None


def unpack(name: str, datatype: str, shape: tuple[int, ...], content: bytes) -> Tensor:
    """Raises ValueError where there are not as many bytes as the shape takes, and for a data type that is none."""
    if datatype == "BYTES":
        return Tensor(name, datatype, shape, tuple(_texts(content)))
    code, width = ("H", 2) if datatype == "BF16" else (_CODES[datatype], struct.calcsize(f"<{_CODES[datatype]}"))
    count, rest = divmod(len(content), width)
    if rest:
        raise ValueError(f"{len(content)} bytes are no values of {datatype}")
    values: tuple[Any, ...] = struct.unpack(f"<{count}{code}", content)
    if datatype == "BF16":
        values = struct.unpack(f"<{count}f", b"".join(b"\0\0" + struct.pack("<H", each) for each in values))
    return Tensor(name, datatype, shape, values)


def _end_of_json(body: bytes) -> int:
    text = body.decode("latin-1")
    return json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip(_SPACE)))[1]


def _upper_half(value: float) -> int:
    """Rounded to the nearest, to the even one of two."""
    if isnan(value):
        return 0x7FC0
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def _texts(content: bytes) -> list[str | bytes]:
    found: list[str | bytes] = []
    at = 0
    while at < len(content):
        (size,) = struct.unpack_from("<I", content.ljust(at + 4, b"\0"), at)
        text = content[at + 4 : at + 4 + size]
        if len(text) != size:
            raise ValueError("a text ends before its length")
        found.append(_text(text))
        at += 4 + size
    return found


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content
