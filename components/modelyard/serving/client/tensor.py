"""A tensor of the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from ...catalog.spelling import nearest
from .refusal import CannotAsk

DATATYPES = (
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64",
    "BYTES",
)  # fmt: skip
_BINARY_ALONE = ("FP16", "BF16")
"""JSON has no values of theirs."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Named values.

    Raises:
        CannotAsk: the data type is none, or there are not as many values as the shape takes.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: tuple[Any, ...]
    """Flat, the last dimension first; where the data type is BYTES, texts, or bytes that are none."""

    def __post_init__(self) -> None:
        if self.datatype not in DATATYPES:
            near = nearest(self.datatype, DATATYPES)
            meant = f"did you mean {near}?" if near else f"there is {', '.join(DATATYPES)}"
            raise CannotAsk(f"tensor {self.name!r}: {self.datatype!r} is no data type; {meant}")
        shape = ", ".join(map(str, self.shape))
        if any(isinstance(size, bool) or not isinstance(size, int) or size < 0 for size in self.shape):
            raise CannotAsk(f"tensor {self.name!r}: its shape [{shape}] is not of whole numbers from 0")
        if prod(self.shape) != len(self.data):
            raise CannotAsk(
                f"tensor {self.name!r}: its shape [{shape}] takes {prod(self.shape)} values, and there are "
                f"{len(self.data)}"
            )

    @classmethod
    def of(cls, name: str, datatype: str, values: Any) -> Tensor:
        """Of nested lists, which say the shape: ``Tensor.of("text", "BYTES", [["good"], ["bad"]])`` is [2, 1]."""
        return cls(name, datatype, _shape(name, values), tuple(_flat(values)))

    @classmethod
    def listed(cls, said: Mapping[str, Any]) -> Tensor:
        """Of an answer's JSON. Raises KeyError, TypeError or CannotAsk where it is none."""
        return cls(str(said["name"]), str(said["datatype"]), tuple(said["shape"]), tuple(_flat(said["data"])))

    @property
    def is_binary_alone(self) -> bool:
        """Whether JSON cannot hold it."""
        return self.datatype in _BINARY_ALONE or any(isinstance(each, bytes) for each in self.data)

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape), "data": list(self.data)}


def _shape(name: str, values: Any) -> tuple[int, ...]:
    if not isinstance(values, list | tuple):
        return ()
    inner = [_shape(name, each) for each in values]
    if any(each != inner[0] for each in inner):
        raise CannotAsk(f"tensor {name!r}: its lists are not of one length")
    return (len(values), *(inner[0] if inner else ()))


def _flat(values: Any) -> Iterator[Any]:
    if not isinstance(values, list | tuple):
        yield values
        return
    for each in values:
        yield from _flat(each)
