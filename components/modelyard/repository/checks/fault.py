"""One thing that is wrong with a model's configuration or files."""

from __future__ import annotations

from dataclasses import dataclass

from ...environment.yaml_document import Steps


@dataclass(frozen=True, slots=True)
class Fault:
    """Where it is, in the words of Triton's own configuration; :mod:`place` finds the line that was written."""

    model: str
    field: Steps
    """In ``ModelConfig``: ``("input", 0, "dims")``; empty for the whole model."""
    message: str
    """One sentence: the model, step and tensor, the value, what is allowed and what to do."""


def dtype_name(number: int) -> str:
    """Of ``inference.DataType``, as declarations write it: ``FP32``."""
    from ..protobuf import module

    name: str = module().DataType.Name(number)
    return name.removeprefix("TYPE_")


def dims_text(dims: list[int] | tuple[int, ...]) -> str:
    """``[-1, 12]``."""
    return f"[{', '.join(map(str, dims))}]"


def listed(names: list[str], limit: int = 8) -> str:
    """``'a', 'b' and 'c'``; what is beyond the limit is counted."""
    shown = [repr(name) for name in names[:limit]]
    if len(names) > limit:
        shown.append(f"{len(names) - limit} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "none"
