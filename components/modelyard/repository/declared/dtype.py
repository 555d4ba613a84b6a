"""Data types of tensors."""

from __future__ import annotations

from typing import Literal

DType = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BF16",
    "STRING",
]  # fmt: skip
"""As in ``inference.DataType``, without ``TYPE_``."""
