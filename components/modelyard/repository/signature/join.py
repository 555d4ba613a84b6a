"""Typed tensors and those that were read, as one list; or where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ...catalog.spelling import nearest
from ...environment.credential import shown
from ...environment.yaml_document import Steps
from ..declared.tensor import InputTensor, OutputTensor, Reshape
from ..declared.texts import LARGEST_DIM
from .read import ReadTensor

Tensor = TypeVar("Tensor", InputTensor, OutputTensor)
Mistakes = list[tuple[Steps, str]]


def joined(
    kind: type[Tensor],
    typed: Sequence[Tensor],
    read: Sequence[ReadTensor],
    *,
    batched: bool,
    source: str,
    mistakes: Mistakes,
) -> list[Tensor]:
    """The tensors in the order of the source. What is typed stands, where it agrees; the rest is as read.

    Args:
        kind: InputTensor or OutputTensor.
        typed: of the declaration.
        read: of the model's own signature.
        batched: whether max_batch_size is above 0, so that the first dimension is the batch.
        source: the signature's source, for errors.
        mistakes: gets where, below the model's declaration, and the sentence of each disagreement.
    """
    side = "inputs" if kind is InputTensor else "outputs"
    pairs = _pairs(side, typed, read, source, mistakes)
    if pairs is None:
        return list(typed)
    found: list[Tensor] = []
    for tensor, position in pairs:
        own = typed[position] if position is not None else None
        dims = _dims(tensor, batched, side, own, source, mistakes)
        if own is not None:
            _agree(own, position, tensor, dims, side, source, mistakes)
            found.append(own)
        elif dims is not None and tensor.name is not None:
            if sizes := [size for size in dims if size == 0 or size > LARGEST_DIM]:
                what = f"{side[:-1]} {tensor.name!r} of {shown(source)} has a dimension of {sizes[0]}"
                mistakes.append(((side,), f"{what}, which Triton does not take; export the model with another"))
            else:
                found.append(_from_read(kind, tensor, dims))
    return found


def _pairs(
    side: str, typed: Sequence[Tensor], read: Sequence[ReadTensor], source: str, mistakes: Mistakes
) -> list[tuple[ReadTensor, int | None]] | None:
    """Each read tensor with the position of the typed one of that name; unnamed ones go by their position."""
    named = all(tensor.name is not None for tensor in read)
    if not named:
        if len(typed) == len(read):
            return [(tensor, position) for position, tensor in enumerate(read)]
        count = f"{len(read)} {side if len(read) != 1 else side[:-1]}"
        mistakes.append(
            (
                (side,),
                f"{shown(source)} has {count} without a name, and {len(typed) or 'none'} "
                f"{'are' if len(typed) != 1 else 'is'} typed; type each out, in the same order",
            )
        )
        return None
    positions = {tensor.name: position for position, tensor in enumerate(typed)}
    known = [tensor.name or "" for tensor in read]
    for tensor in typed:
        if tensor.name not in known:
            closest = nearest(tensor.name, known)
            hint = f"; did you mean {closest!r}?" if closest else f"; it has {', '.join(known) or 'none'}"
            what = f"{side[:-1]} {tensor.name!r} is typed, and {shown(source)} has none of that name{hint}"
            mistakes.append(((side, positions[tensor.name], "name"), what))
    return [(tensor, positions.get(tensor.name or "")) for tensor in read]


def _dims(
    tensor: ReadTensor, batched: bool, side: str, own: Tensor | None, source: str, mistakes: Mistakes
) -> tuple[int, ...] | None:
    """Without the batch dimension; None where the source does not say, or contradicts batching."""
    what = f"{side[:-1]} {(tensor.name or (own.name if own else ''))!r}"
    if tensor.shape is None:
        if own is None:
            mistakes.append(((side,), f"{shown(source)} does not say the shape of {what}; type it out"))
        return None
    if not batched:
        return tensor.shape
    if not tensor.shape or tensor.shape[0] > 0:
        first = f"the first dimension {tensor.shape[0]}" if tensor.shape else "no dimension"
        mistakes.append(
            (
                ("max_batch_size",),
                f"{what} of {shown(source)} has {first}, so the model takes no batches: delete max_batch_size, or "
                "export the model with a first dimension that varies",
            )
        )
        return None
    return tensor.shape[1:]


def _agree(
    own: Tensor,
    position: int | None,
    tensor: ReadTensor,
    dims: tuple[int, ...] | None,
    side: str,
    source: str,
    mistakes: Mistakes,
) -> None:
    shape = tuple(own.reshape.shape if own.reshape is not None else own.dims)
    wrong = own.dtype != tensor.dtype
    if dims is not None:
        expected = dims if dims or own.reshape is not None else (1,)
        wrong |= len(shape) != len(expected) or any(
            theirs not in (-1, ours) for ours, theirs in zip(shape, expected, strict=False)
        )
    if wrong:
        theirs = f"{tensor.dtype} {_list(dims)}" if dims is not None else tensor.dtype
        reshaped = " after reshape" if own.reshape is not None else ""
        mistakes.append(
            (
                (side, position if position is not None else 0),
                f"{side[:-1]} {own.name!r} is typed {own.dtype} {_list(shape)}{reshaped}, and {shown(source)} says "
                f"{theirs}; make them agree, or delete the typed one",
            )
        )


def _from_read(kind: type[Tensor], tensor: ReadTensor, dims: tuple[int, ...]) -> Tensor:
    # Triton wants a dimension; reshape gives the model the scalar that it takes.
    reshape = None if dims else Reshape(shape=[])
    values = {"name": tensor.name, "dtype": tensor.dtype, "dims": list(dims) or [1], "reshape": reshape}
    if kind is InputTensor and tensor.optional:
        values["optional"] = True
    return kind.model_validate(values)


def _list(dims: Sequence[int] | None) -> str:
    return "[" + ", ".join(map(str, dims or ())) + "]"
