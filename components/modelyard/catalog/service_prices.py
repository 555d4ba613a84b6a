"""List prices of cloud services: control planes, storage, network, monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from modelyard.catalog.table import rows


@dataclass(frozen=True, slots=True)
class ServicePrice:
    cloud: str
    service: str
    unit: str
    """What one ``usd`` buys: ``hour``, ``GB-month``, ``10M samples`` ..."""
    sku: str
    region: str
    """Empty where the source did not say which region it means."""
    usd: Decimal
    source: str
    source_date: str
    """Empty where the source had none."""


def service_price(cloud: str, service: str, sku: str, region: str) -> ServicePrice | None:
    """The price of one item in exactly this region, or None.

    A row whose source names no region answers for every region that has no row of its own; its ``region`` stays
    empty, so that whoever prints it can say so.
    """
    table = _by_item()
    return table.get((cloud, service, sku, region)) or table.get((cloud, service, sku, ""))


def priced_regions(cloud: str, service: str, sku: str, unit: str) -> tuple[str, ...]:
    """Regions with a price of one item by this unit, by name."""
    return tuple(
        sorted(
            region
            for (of, named, item, region), price in _by_item().items()
            if (of, named, item, price.unit) == (cloud, service, sku, unit) and region
        )
    )


@cache
def _by_item() -> dict[tuple[str, str, str, str], ServicePrice]:
    return {
        (row["cloud"], row["service"], row["sku"], row["region"]): ServicePrice(
            cloud=row["cloud"],
            service=row["service"],
            unit=row["unit"],
            sku=row["sku"],
            region=row["region"],
            usd=Decimal(row["usd"]),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("services.csv")
    }
