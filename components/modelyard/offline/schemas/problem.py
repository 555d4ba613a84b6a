"""A refused input, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from modelyard.graph import UNKNOWN, Secret

SHOWN_CHARACTERS = 60
SHOWN_CHOICES = 12


class Problem(NamedTuple):
    """Where an input is wrong and why.

    ``path`` reads like ``spec.template.spec.containers[0].image``; it is empty for the resource as a whole.
    ``reason`` is one clause without a full stop. It never holds a secret value or any part of one.
    """

    path: str
    reason: str


def written(path: Iterable[str | int]) -> str:
    """``("tags", "a.b", 0)`` as ``tags["a.b"][0]``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == "[secret]" or part.replace("_", "a").replace("-", "a").isalnum():
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def described(value: Any) -> str:
    """The kind of a value and, where it is short, the value."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"{kind(value).replace('an ', 'the ', 1).replace('a ', 'the ', 1)} {value}"
    if isinstance(value, str):
        return f'the text "{shortened(value)}"'
    return kind(value)


def kind(value: Any) -> str:
    if isinstance(value, Secret):
        return "a secret"
    if value is UNKNOWN:
        return "an unknown value"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    return f"a {type(value).__name__}"


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant, or None."""
    by_lower = {c.lower(): c for c in choices}
    if (same := by_lower.get(name.lower())) is not None:
        return same
    import difflib  # Only a mistake needs it.

    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


def listed(choices: Collection[str]) -> str:
    names = sorted(choices)
    shown = ", ".join(names[:SHOWN_CHOICES])
    left = len(names) - SHOWN_CHOICES
    return f"{shown} and {left} more" if left > 0 else shown


def shortened(text: str) -> str:
    """The text on one line, cut where it would fill a terminal."""
    line = text.replace("\n", " ")
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"
