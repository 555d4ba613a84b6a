"""What a change of each property does to a model, a deployed model and a traffic split: ``update`` in place,
``replace`` by a new one that is made before the old one goes, or ``none``
(``catalog/data/vertex_property_changes.csv``, each row with its source)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from ...catalog.table import rows

Change = Literal["update", "replace", "none"]


@cache
def changes(resource: str) -> Mapping[str, Change]:
    """By property. ``resource`` is Model, DeployedModel or TrafficSplit."""
    return {
        row["property"]: _change(row["change"])
        for row in rows("vertex_property_changes.csv")
        if row["resource"] == resource
    }


def changed(resource: str, old: Mapping[str, Any], new: Mapping[str, Any], change: Change) -> list[str]:
    """Properties that differ and do this when they do, in the table's order."""
    return [
        name for name, kind in changes(resource).items() if kind == change and not same(old.get(name), new.get(name))
    ]


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same: JSON has 3 and 3.0, 64-bit integers as text, and leaves out what is empty."""
    if _is_nothing(one) and _is_nothing(other):
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(same(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one == other
    if (isinstance(one, int | float) and isinstance(other, str)) or (
        isinstance(one, str) and isinstance(other, int | float)
    ):
        return str(one) == str(other)
    return one == other


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value is False or value == {} or value == [] or value == 0


def _change(text: str) -> Change:
    return "update" if text == "update" else "none" if text == "none" else "replace"
