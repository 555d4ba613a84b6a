"""Prices that one region lends to another, where an environment declares it (``price_regions``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modelyard.catalog.regions import UnknownRegion, region, regions

_AREAS: dict[str, tuple[str, ...]] = {
    "europe": ("eu-", "europe", "uk", "france", "germany", "sweden", "norway", "switzerland", "italy", "poland",
               "spain", "austria", "belgium", "denmark"),
    "america": ("us-", "us", "ca-", "canada", "northamerica", "mx-", "mexico"),
    "south america": ("sa-", "southamerica", "brazil", "chile"),
    "pacific": ("ap-", "asia", "australia", "japan", "korea", "india", "jio", "indonesia", "malaysia", "newzealand",
                "taiwan"),
    "middle east and africa": ("me-", "il-", "af-", "africa", "uae", "qatar", "israel", "southafrica"),
}  # fmt: skip
"""Beginnings, or any part of Azure's names: the first area that fits. Only the order of an offer depends on them."""


def lending_mistake(key: str, lenders: Sequence[str]) -> str:
    """What is wrong with one entry, in words that follow its key; empty: nothing.

    Args:
        key: ``<cloud>/<region>``, of the region without prices.
        lenders: regions of the same cloud whose prices it takes.
    """
    cloud, slash, name = key.partition("/")
    if not slash or not regions(cloud):
        return "must be <cloud>/<region>, of aws, gcp or azure"
    if not lenders:
        return "names no region to take prices from"
    try:
        for each in (name, *lenders):
            region(cloud, each)
    except UnknownRegion as error:
        return str(error).removesuffix(".")
    return f"takes prices of {name} from itself" if name in lenders else ""


def nearest_first(name: str, others: Iterable[str]) -> tuple[str, ...]:
    """Other regions of the same cloud: those of the same part of the world first, each group by name."""
    area = _area(name)
    return tuple(sorted((each for each in others if each != name), key=lambda each: (_area(each) != area, each)))


def _area(name: str) -> str:
    for area, beginnings in _AREAS.items():
        if any(name.startswith(each) for each in beginnings):
            return area
    for area, parts in _AREAS.items():
        if any(each in name for each in parts if not each.endswith("-")):
            return area
    return ""
