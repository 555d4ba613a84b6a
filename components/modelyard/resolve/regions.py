"""AWS regions that the catalogue knows machines of, and their zones."""

from __future__ import annotations

from functools import cache

from ..catalog.table import rows

_DEFAULT_ZONES = ("a", "b", "c")
"""Every region of the catalogue has these three."""


@cache
def known_regions() -> tuple[str, ...]:
    """Regions with at least one instance type, by name."""
    return tuple(sorted({row["region"] for row in rows("instances.csv") if row["cloud"] == "aws"}))


def default_zones(region: str) -> tuple[str, ...] | None:
    """The zones that a network spreads over when none are named; None where the region's zones are not known."""
    return tuple(region + letter for letter in _DEFAULT_ZONES) if region in known_regions() else None
