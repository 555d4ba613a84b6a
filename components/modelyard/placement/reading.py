"""Reading recorded inputs that may hold unknowns and secrets.

Each function gives the value when it is plainly there, and None (or nothing) when it is absent, unknown until the
cloud answers, secret, or of another type. A secret is never looked into: no figure and no sentence may carry it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        yield from value


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def texts(value: Any) -> Mapping[str, str]:
    """The entries of a mapping whose values are text."""
    return {key: each for key, each in mapping(value).items() if isinstance(each, str)}


def whole(value: Any) -> int | None:
    """A whole number, also where it arrived as ``2.0`` or ``"2"``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    return None


def at(value: Any, *path: str) -> Any:
    """The value at a path of mapping keys, or None."""
    for key in path:
        value = mapping(value).get(key)
    return value
