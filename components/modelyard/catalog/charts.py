"""Helm charts that the platform installs, each at a pinned version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    repository: str
    version: str
    source: str
    source_date: str


def get(name: str) -> Chart:
    """The chart of this name.

    Raises:
        UnknownName: no such chart.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("chart", name, _by_name()) from None


@cache
def _by_name() -> dict[str, Chart]:
    return {
        row["name"]: Chart(row["name"], row["repository"], row["version"], row["source"], row["source_date"])
        for row in rows("charts.csv")
    }
