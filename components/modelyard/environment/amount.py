"""Amounts of money and of usage: numbers as they are written, without the error of binary fractions."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticKnownError

_LARGEST = 1_000_000_000


def _number(value: Any) -> Any:
    """Text is no number here, as nowhere else in a declaration: pydantic alone would read ``"1e999999999"``."""
    if isinstance(value, str):
        raise PydanticKnownError("decimal_type")
    return value


Number = Annotated[Decimal, BeforeValidator(_number)]

Amount = Annotated[
    Number,
    Field(ge=0, le=_LARGEST, strict=False),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": _LARGEST}),
]
"""A price or a quantity, at most a thousand million."""

MonthlyUsd = Annotated[
    Number,
    Field(gt=0, le=_LARGEST, decimal_places=2, strict=False),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": _LARGEST, "multipleOf": 0.01}),
]
"""US dollars a month, to the cent, at most a thousand million."""
