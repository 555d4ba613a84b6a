"""Programs that a chart's software fetches when it starts, each at a pinned version with its checksum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from modelyard.catalog.table import UnknownName, rows

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True)
class ChartPlugin:
    name: str
    """As the software that loads it calls it."""
    version: str
    architecture: str
    location: str
    """URL of the file."""
    sha256: str
    source: str
    source_date: str


def get(name: str, architecture: Architecture) -> ChartPlugin:
    """The plugin of this name for nodes of this architecture.

    Raises:
        UnknownName: no such plugin.
    """
    try:
        return _by_name()[name, architecture]
    except KeyError:
        raise UnknownName("plugin", name, {known for known, _ in _by_name()}) from None


@cache
def _by_name() -> dict[tuple[str, str], ChartPlugin]:
    return {
        (row["name"], row["architecture"]): ChartPlugin(
            row["name"],
            row["version"],
            row["architecture"],
            row["location"],
            row["sha256"],
            row["source"],
            row["source_date"],
        )
        for row in rows("chart_plugins.csv")
    }
