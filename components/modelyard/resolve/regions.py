"""Regions that the catalogue knows machines of, and their zones."""

from __future__ import annotations

import re
from functools import cache

from ..catalog.table import rows
from ..environment.target import Cloud

_DEFAULT_ZONES = ("a", "b", "c")
"""Every AWS region of the catalogue has these three."""
_AZURE_ZONES = ("1", "2", "3")
_ZONES_ARE_NAMED: dict[Cloud, str] = {"aws": "{0}a, {0}b, ...", "gcp": "{0}-a, {0}-b, ...", "azure": "1, 2 and 3"}


@cache
def known_regions(cloud: Cloud = "aws") -> tuple[str, ...]:
    """Regions with at least one instance type, by name."""
    return tuple(sorted({row["region"] for row in rows("instances.csv") if row["cloud"] == cloud}))


def default_zones(region: str, cloud: Cloud = "aws") -> tuple[str, ...] | None:
    """The zones that a network spreads over when none are named; None where the region's zones are not known, and empty
    on Google Cloud, where a regional cluster takes three by itself."""
    if cloud == "gcp":
        return ()
    if region not in known_regions(cloud):
        return None
    return _AZURE_ZONES if cloud == "azure" else tuple(region + letter for letter in _DEFAULT_ZONES)


def zone_of(zone: str, region: str, cloud: Cloud = "aws") -> bool:
    """Whether the name is that of an availability zone of the region."""
    if cloud == "azure":
        return zone in _AZURE_ZONES
    prefix = region if cloud == "aws" else f"{region}-"
    return re.fullmatch(f"{re.escape(prefix)}[a-z]", zone) is not None


def no_zone(zone: str, region: str, cloud: Cloud) -> str:
    """Why :func:`zone_of` says no."""
    return f"{zone!r} is not a zone of {region}; zones are named {_ZONES_ARE_NAMED[cloud].format(region)}"
