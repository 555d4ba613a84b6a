"""A request and its answer in the Open Inference Protocol, as JSON (its REST specification, version 2)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from ...catalog.spelling import nearest
from .refusal import CannotAsk, Unreadable, one_line

DATATYPES = (
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP32", "FP64", "BYTES",
)  # fmt: skip
"""Whose values JSON has; FP16 and BF16 are binary alone."""


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
    """Flat, the last dimension first; texts where the data type is BYTES."""

    def __post_init__(self) -> None:
        if self.datatype not in DATATYPES:
            near = nearest(self.datatype, DATATYPES)
            meant = f"did you mean {near}?" if near else f"there is {', '.join(DATATYPES)}"
            raise CannotAsk(f"tensor {self.name!r}: {self.datatype!r} is no data type that JSON has values of; {meant}")
        if prod(self.shape) != len(self.data):
            shape = ", ".join(map(str, self.shape))
            raise CannotAsk(
                f"tensor {self.name!r}: its shape [{shape}] takes {prod(self.shape)} values, and there are "
                f"{len(self.data)}"
            )

    @classmethod
    def of(cls, name: str, datatype: str, values: Any) -> Tensor:
        """Of nested lists, which say the shape: ``Tensor.of("text", "BYTES", [["good"], ["bad"]])`` is [2, 1]."""
        return cls(name, datatype, _shape(name, values), tuple(_flat(values)))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape), "data": list(self.data)}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, as it came."""

    body: bytes
    content_type: str
    served_by: str | None
    """Version or side that answered, where the target says it: ``v3``; of Vertex AI the deployed model's number."""
    latency_ms: float
    """From sending the request that was answered to the last byte of the answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Outputs by name."""

    outputs: Mapping[str, Tensor]
    reply: Reply

    def __getitem__(self, name: str) -> tuple[Any, ...]:
        """Values of an output, flat.

        Raises:
            Unreadable: there is no such output.
        """
        if name not in self.outputs:
            raise Unreadable(f"the answer has no output {name!r}; it has {', '.join(self.outputs) or 'none'}")
        return self.outputs[name].data


def request_body(tensors: Sequence[Tensor]) -> bytes:
    """Raises CannotAsk for values that JSON does not have."""
    if not tensors:
        raise CannotAsk("the request has no input tensor; give it one at least")
    try:
        return json.dumps({"inputs": [each.to_json() for each in tensors]}, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise CannotAsk("an input holds a value that JSON does not have: NaN, an infinity, or bytes") from None


def answer_of(reply: Reply, asked: str) -> Answer:
    """``asked``: who answered, for the sentence.

    Raises:
        Unreadable: it is not in the protocol.
    """
    try:
        said = json.loads(reply.body)
        outputs = {each["name"]: _output(each) for each in said["outputs"]}
    except (KeyError, TypeError, ValueError, CannotAsk):
        text = one_line(reply.body[:400].decode(errors="replace"))
        raise Unreadable(
            f"{asked} did not answer in the Open Inference Protocol ({text or 'an empty body'}); send what its server "
            "takes as it is"
        ) from None
    return Answer(outputs, reply)


def _output(said: Mapping[str, Any]) -> Tensor:
    return Tensor(str(said["name"]), str(said["datatype"]), tuple(said["shape"]), tuple(_flat(said["data"])))


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
