"""Texts, numbers and names that several declarations take."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from ...environment.known_name import refusal
from ...environment.patterns import ONE_LINE_PATTERN

Text = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=1024)]
"""One line, not empty."""

TensorName = Text

LARGEST_DIM = 2**40


def _dim(size: int) -> int:
    if size < 1 and size != -1:
        raise refusal(f"must be at least 1, or -1 for a dimension that varies, not {size}")
    if size > LARGEST_DIM:
        raise refusal(f"must be at most {LARGEST_DIM}, not {size}")
    return size


Dim = Annotated[
    int,
    AfterValidator(_dim),
    WithJsonSchema({"type": "integer", "minimum": -1, "maximum": LARGEST_DIM, "not": {"const": 0}}),
]
"""Size of one dimension; -1 where it varies."""

Dims = Annotated[list[Dim], Field(min_length=1, max_length=32)]
"""Without the batch dimension where the model batches."""

Microseconds = Annotated[int, Field(ge=0, le=3_600_000_000)]

BatchSize = Annotated[int, Field(ge=1, le=65_536)]

ParameterValue = bool | int | float | str
"""Written as text into the configuration; true and false in lower case."""
