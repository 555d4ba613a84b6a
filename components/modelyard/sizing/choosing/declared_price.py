"""Prices that ``platform.yaml`` declares (``costs.price_overrides``), in place of what the catalogue says or lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from ...catalog.managed_instances import HOSTING
from ...environment.cost_assumptions import PriceOverride
from .place import SERVERLESS, MachinePlace, Place, Price

_HOURS = {
    "sagemaker": "aws/{where}/" + HOSTING + "/{machine}",
    "vertex": "gcp/{where}/Vertex AI prediction/{machine}",
    "azureml": "azure/{where}/{machine}/on_demand",
}
"""Items of the price list by which the estimate of a plan prices the same machines."""


def with_declared_prices(places: Iterable[Place], overrides: Sequence[PriceOverride]) -> tuple[Place, ...]:
    """The places, with declared prices where there are any; the first override that matches an item counts.

    Of a cluster's pools nothing changes: what a replica pays there is a share of a node.
    """
    return tuple(_priced(place, overrides) for place in places)


def _priced(place: Place, overrides: Sequence[PriceOverride]) -> Place:
    if isinstance(place, MachinePlace):
        item = _HOURS.get(place.target)
        if item is None:
            return place
        price = _declared(item.format(where=place.where, machine=place.machine), "hour", overrides)
        return place if price is None else replace(place, price=price, unpriced="")
    sku = f"memory {place.memory_mib} MB"
    used = _declared(f"aws/{place.where}/{SERVERLESS}/{sku}", "second", overrides)
    kept = _declared(f"aws/{place.where}/{SERVERLESS}/provisioned concurrency, {sku}", "second", overrides)
    if used is not None:
        place = replace(place, price=used, unpriced="")
    return place if kept is None else replace(place, provisioned=kept)


def _declared(item: str, unit: str, overrides: Sequence[PriceOverride]) -> Price | None:
    for each in overrides:
        if each.unit == unit and (fnmatchcase(item, each.match) or fnmatchcase(item, f"{each.match}/*")):
            words = f"{item} costs {each.usd} USD a {unit}: {each.reason}"
            return Price(each.usd, "declared", "", words)
    return None
