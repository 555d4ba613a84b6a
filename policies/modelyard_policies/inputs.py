"""Reading inputs, some of which only the cloud knows.

Resource rules see pulumi_policy's proxies, which raise on an unknown value; stack rules see a resource graph, which
holds ``UNKNOWN``. These functions read both. The engine hands every number over as a float.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelyard.graph import UNKNOWN
from pulumi_policy.proxy import UnknownValueError


def read(value: Any, *path: str | int, default: Any = None) -> Any:
    """The value at ``path``; ``default`` where there is none or it is null; ``UNKNOWN`` where it, or something that
    it lies in, is only known after ``up``."""
    for step in path:
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, str):
            return default
        try:
            value = value[step]
        except UnknownValueError:
            return UNKNOWN
        except (KeyError, IndexError, TypeError):
            return default
    return default if value is None else value


def require(value: Any, *path: str | int, default: Any = None) -> Any:
    """Like ``read`` for a rule that cannot decide without the value: raises ``UnknownValueError`` on an unknown one."""
    for step in path:
        if isinstance(value, str):
            return default
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return default
    return default if value is None else value


def elements(value: Any) -> Iterator[Any]:
    """The elements of a list, ``UNKNOWN`` for the unknown ones; nothing for what is not a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for index in range(len(value)):
            yield read(value, index)


def entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Keys and values of a mapping, ``UNKNOWN`` for the unknown ones; nothing for what is not a mapping."""
    if isinstance(value, Mapping):
        for key in value:
            yield key, read(value, key)


def decoded(value: Any) -> Any:
    """A JSON text as data; anything else, and text that is not JSON, as it is."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def is_true(value: Any) -> bool:
    """Whether a flag is on. AWS takes some as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def whole(value: Any) -> int | None:
    """A whole number given as such, as a float or as text; None for anything else."""
    if isinstance(value, bool) or value is UNKNOWN:
        return None
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else None
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return None


def shown(value: Any) -> str:
    """A value for a message: text in quotes, 3 for 3.0, ``not set`` for nothing."""
    if value is None:
        return "not set"
    if value is UNKNOWN:
        return "not known before up"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in entries(value)) + "}"
    if isinstance(value, Sequence):
        return listed(elements(value))
    return str(value)


def listed(values: Any) -> str:
    """``'a', 'b'``, or ``none``."""
    return ", ".join(shown(value) for value in values) or "none"
