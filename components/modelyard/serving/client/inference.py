"""A request and its answer in the Open Inference Protocol (its REST specification, version 2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .binary_tensors import binary_body, read_outputs
from .refusal import CannotAsk, Unreadable, one_line
from .tensor import Tensor


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


def request_body(tensors: Sequence[Tensor], binary: bool | None = None) -> tuple[bytes, int | None]:
    """The body, and how many of its bytes are JSON where the rest is tensors as bytes.

    Args:
        tensors: inputs.
        binary: whether they are bytes, and the outputs too. Default: where JSON has no values of one of them.

    Raises:
        CannotAsk: there is no tensor, or a value that neither JSON nor the data type holds.
    """
    if not tensors:
        raise CannotAsk("the request has no input tensor; give it one at least")
    if binary or (binary is None and any(each.is_binary_alone for each in tensors)):
        return binary_body(tensors)
    try:
        return json.dumps({"inputs": [each.to_json() for each in tensors]}, allow_nan=False).encode(), None
    except (TypeError, ValueError):
        raise CannotAsk(
            "an input holds a value that JSON does not have: NaN, an infinity, or bytes; ask with binary=True"
        ) from None


def answer_of(reply: Reply, asked: str) -> Answer:
    """``asked``: who answered, for the sentence.

    Raises:
        Unreadable: it is not in the protocol.
    """
    try:
        outputs = {each.name: each for each in read_outputs(reply.body)}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, CannotAsk):
        text = one_line(reply.body[:400].decode(errors="replace"))
        raise Unreadable(
            f"{asked} did not answer in the Open Inference Protocol ({text or 'an empty body'}); send what its server "
            "takes as it is"
        ) from None
    return Answer(outputs, reply)
