"""The regions of each cloud, and where a machine type is sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from modelyard.catalog.instance_types import instances
from modelyard.catalog.spelling import nearest
from modelyard.catalog.table import rows


class UnknownRegion(LookupError):
    """The cloud has no such region. The message says whose it is, or offers the nearest."""

    def __init__(self, cloud: str, name: str) -> None:
        owner = next((other for other, known in _by_cloud().items() if name in known), None)
        closest = None if owner else nearest(name, _names(cloud))
        hint = f" {name!r} is one of {owner}." if owner else f" Did you mean {closest!r}?" if closest else ""
        super().__init__(f"no region of {cloud} is called {name!r}; it has {len(_names(cloud))}.{hint}")
        self.name = name
        self.nearest = closest


@dataclass(frozen=True, slots=True)
class Region:
    cloud: str
    name: str
    place: str
    """As the cloud describes it: ``US East (N. Virginia)``; empty where no source read so far says so."""
    priced_types: int
    """Machine types with a price in the catalogue."""
    source: str
    source_date: str


def regions(cloud: str) -> tuple[Region, ...]:
    """All of a cloud, by name, with and without prices; empty for no such cloud."""
    return tuple(_by_cloud().get(cloud, {}).values())


def region(cloud: str, name: str) -> Region:
    """One of them.

    Raises:
        UnknownRegion: the cloud has no such region.
    """
    found = _by_cloud().get(cloud, {}).get(name)
    if found is None:
        raise UnknownRegion(cloud, name)
    return found


def without_zones(cloud: str, name: str) -> bool:
    """Whether a source says that the region has no availability zones, as some locations of Azure have none."""
    return cloud == "azure" and any(row["location"] == name for row in rows("azure_locations_without_zones.csv"))


def sold_in(cloud: str, instance_type: str) -> tuple[str, ...] | None:
    """Regions that list a machine type; None where no source says so, which is so for AWS's machines without
    accelerators.

    AWS and Azure: regions with a list price, where an account may still not be allowed to run it. Google Cloud: regions
    with at least one zone that has it.
    """
    return _sold_in().get((cloud, instance_type))


def _names(cloud: str) -> tuple[str, ...]:
    return tuple(_by_cloud().get(cloud, ()))


@cache
def _by_cloud() -> Mapping[str, Mapping[str, Region]]:
    found: dict[str, dict[str, Region]] = {}
    for row in rows("regions.csv"):
        cloud, name = row["cloud"], row["region"]
        found.setdefault(cloud, {})[name] = Region(
            cloud, name, row["place"], len(instances(cloud, name)), row["source"], row["source_date"]
        )
    return found


@cache
def _sold_in() -> Mapping[tuple[str, str], tuple[str, ...]]:
    return {(row["cloud"], row["instance_type"]): tuple(row["regions"].split()) for row in rows("instance_regions.csv")}
