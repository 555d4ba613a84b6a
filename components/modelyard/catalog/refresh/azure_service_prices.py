"""Prices of Azure's services from the Azure Retail Prices API, in the form of ``services.csv``.

Which meter is which item of the catalogue is ``catalog/data/azure_price_items.csv``. An item whose meter a region does
not have, or has at several prices, is passed over.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelyard.catalog.refresh.azure_prices import VERSION, items_of
from modelyard.catalog.refresh.price_api import PriceApi
from modelyard.catalog.refresh.price_changes import Row
from modelyard.catalog.table import rows


def azure_service_rows(region: str, api: PriceApi) -> list[Row]:
    """Rows of one region; empty where it has none of the meters.

    Raises:
        PriceApiError: no answer, a refusal, or answers of another form.
    """
    known = rows("azure_price_items.csv")
    found: dict[tuple[str, str], set[Decimal]] = {}
    for service in sorted({row["service_name"] for row in known}):
        of_service = [row for row in known if row["service_name"] == service]
        for item in _items(region, service, of_service, api):
            for row in of_service:
                if _is(item, row):
                    usd = Decimal(str(item["retailPrice"])).normalize()
                    found.setdefault((row["service"], row["sku"]), set()).add(usd)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return [
        {
            "cloud": "azure",
            "service": row["service"],
            "unit": row["unit"],
            "sku": row["sku"],
            "region": region,
            "usd": format(next(iter(prices)), "f"),
            "source": f"Azure Retail Prices API {VERSION}, {region}",
            "source_date": today,
        }
        for row in known
        if len(prices := found.get((row["service"], row["sku"]), set())) == 1
    ]


def _items(region: str, service: str, wanted: list[Mapping[str, str]], api: PriceApi) -> Iterator[dict[str, Any]]:
    products = sorted({row["product_name"] for row in wanted})
    named = " or ".join(f"productName eq '{product}'" for product in products)
    of_products = f" and ({named})" if "" not in products else ""
    yield from items_of(
        f"serviceName eq '{service}' and armRegionName eq '{region}' and priceType eq 'Consumption'{of_products}", api
    )


def _is(item: Mapping[str, Any], row: Mapping[str, str]) -> bool:
    """Whether an item is of the row's meter, at its only price: tiers that begin above zero are discounts."""
    return (
        item.get("meterName") == row["meter_name"]
        and row["product_name"] in ("", item["productName"])
        and item["unitOfMeasure"] == row["unit_of_measure"]
        and item["type"] == "Consumption"
        and item["currencyCode"] == "USD"
        and not item.get("tierMinimumUnits")
        and item["retailPrice"] > 0
    )
