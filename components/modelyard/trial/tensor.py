"""Tensors between configuration, protocol and numpy.

The protocol's names follow the Open Inference Protocol; a configuration's TYPE_STRING is its BYTES.
"""

from __future__ import annotations

from typing import Any

_WIDTHS = {
    "BOOL": 1, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8,
    "FP16": 2, "FP32": 4, "FP64": 8, "BF16": 2,
}  # fmt: skip


def dtype_name(data_type: int) -> str:
    """The protocol's name of a configuration's data type: BYTES for TYPE_STRING, FP32 for TYPE_FP32."""
    from ..repository.protobuf import module

    name = module().DataType.Name(data_type).removeprefix("TYPE_")
    return "BYTES" if name == "STRING" else name


def width_bytes(dtype: str) -> int:
    """Of one value; not for BYTES, whose values differ."""
    return _WIDTHS[dtype]


def is_float(dtype: str) -> bool:
    return dtype.startswith(("FP", "BF"))


def numpy_dtype(dtype: str) -> Any:
    """That holds its values: BF16 as float32, BYTES as objects."""
    import numpy as np

    if dtype == "BYTES":
        return np.dtype(object)
    if dtype == "BF16":
        return np.dtype(np.float32)
    return np.dtype(dtype.lower().replace("fp", "float"))


def content_of(dtype: str, shape: tuple[int, ...], values: Any) -> bytes:
    """Binary tensor data of values: a flat or nested list, or an array, of as many as the shape takes."""
    import numpy as np

    if dtype == "BYTES":
        texts = [_encoded(each) for each in np.asarray(values, dtype=object).ravel().tolist()]
        return b"".join(len(text).to_bytes(4, "little") + text for text in texts)
    array = np.asarray(values).astype(numpy_dtype(dtype)).reshape(shape)
    if dtype == "BF16":
        return (np.ascontiguousarray(array).view(np.uint32) >> 16).astype("<u2").tobytes()
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def array_of(dtype: str, shape: tuple[int, ...], content: bytes) -> Any:
    """A numpy array of binary tensor data."""
    import numpy as np

    if dtype == "BYTES":
        texts: list[bytes] = []
        at = 0
        while at < len(content):
            end = at + 4 + int.from_bytes(content[at : at + 4], "little")
            texts.append(content[at + 4 : end])
            at = end
        array = np.empty(len(texts), dtype=object)
        array[:] = texts
        return array.reshape(shape)
    if dtype == "BF16":
        return (np.frombuffer(content, dtype="<u2").astype(np.uint32) << 16).view(np.float32).reshape(shape)
    return np.frombuffer(content, dtype=numpy_dtype(dtype).newbyteorder("<")).reshape(shape)


def _encoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
