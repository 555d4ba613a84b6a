"""What a model says of its own inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableSignature(Exception):
    """``str()`` follows the name of the source: ``is not an ONNX model: ...``."""


@dataclass(frozen=True, slots=True)
class ReadTensor:
    """One input or output."""

    name: str | None
    """None where the source gives none; the typed name then stands."""
    dtype: str
    """As :data:`..declared.dtype.DType`."""
    shape: tuple[int, ...] | None
    """With the batch dimension; -1 where a dimension varies; None where the source does not say."""
    optional: bool = False
    row: bool = False
    """Whether it is a column of a table, whose shape is one value for each row."""


@dataclass(frozen=True, slots=True)
class ReadSignature:
    """All of them, in the order of the source."""

    source: str
    """As errors name it: ``1/model.onnx``."""
    inputs: tuple[ReadTensor, ...]
    outputs: tuple[ReadTensor, ...]
