"""Texts, numbers and names that several declarations take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ...environment.patterns import ONE_LINE_PATTERN

Text = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=1024)]
"""One line, not empty."""

TensorName = Text

Dim = Annotated[int, Field(ge=-1, le=2**40)]
"""Size of one dimension; -1 where it varies."""

Dims = Annotated[list[Dim], Field(min_length=1, max_length=32)]
"""Without the batch dimension where the model batches."""

Microseconds = Annotated[int, Field(ge=0, le=3_600_000_000)]

BatchSize = Annotated[int, Field(ge=1, le=65_536)]

ParameterValue = bool | int | float | str
"""Written as text into the configuration; true and false in lower case."""
