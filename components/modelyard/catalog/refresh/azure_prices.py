"""Prices of virtual machines from the Azure Retail Prices API, which needs no account.

Fields and pages: "Azure Retail Prices overview" (Microsoft Learn), API version 2023-01-01-preview.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelyard.catalog.refresh.effective_dates import holds_now
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError
from modelyard.catalog.refresh.price_list import Price, PriceList

ADDRESS = "https://prices.azure.com"
VERSION = "2023-01-01-preview"
_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "armSkuName": str,
    "productName": str,
    "skuName": str,
    "unitOfMeasure": str,
    "currencyCode": str,
    "type": str,
    "retailPrice": (int, float),
}


def azure_prices(region: str, instance_types: Collection[str], api: PriceApi | None = None) -> PriceList:
    """Linux, pay as you go, by the hour; and spot.

    Args:
        region: eastus, ...
        instance_types: sizes that are wanted.
        api: default: Azure's own address.

    Raises:
        PriceApiError: no answer, a refusal, or answers of another form.
    """
    api = api or PriceApi("the Azure Retail Prices API", ADDRESS)
    machines = f"serviceName eq 'Virtual Machines' and armRegionName eq '{region}' and priceType eq 'Consumption'"
    prices: dict[bool, dict[str, list[tuple[bool, Decimal]]]] = {True: {}, False: {}}
    for item in items_of(machines, api):
        if item["armSkuName"] in instance_types and _is_linux_by_the_hour(item):
            spot = item["skuName"].endswith(" Spot")
            primary = bool(item.get("isPrimaryMeterRegion", True))
            usd = Decimal(str(item["retailPrice"])).normalize()
            prices[spot].setdefault(item["armSkuName"], []).append((primary, usd))
    if not prices[False]:
        raise PriceApiError(f"{api.name} has no price of any known size in {region}; nothing is written")
    found: dict[str, Price] = {}
    unpriced: dict[str, str] = {}
    for name in sorted(instance_types):
        on_demand, spot = _one(prices[False].get(name, [])), _one(prices[True].get(name, []))
        if on_demand is None:
            several = len({usd for _, usd in prices[False].get(name, [])})
            unpriced[name] = f"the API has {several} prices of it" if several else "it has no price there"
        else:
            found[name] = Price(on_demand, spot)
    return PriceList(
        cloud="azure",
        region=region,
        source=f"Azure Retail Prices API {VERSION}, {region}",
        source_date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        prices=found,
        has_spot=True,
        unpriced=unpriced,
    )


def items_of(filter_text: str, api: PriceApi) -> Iterator[dict[str, Any]]:
    """All that fit an OData filter and hold today, page by page, each with the documented fields.

    Raises:
        PriceApiError: no answer, a refusal, or answers of another form.
    """
    query = {"api-version": VERSION, "currencyCode": "USD", "$filter": filter_text}
    for page in api.pages("/api/retail/prices", query, _next_page):
        yield from _items(page, api)


def _next_page(page: dict[str, Any]) -> str | None:
    return page.get("NextPageLink")


def _items(page: dict[str, Any], api: PriceApi) -> Iterator[dict[str, Any]]:
    items = page.get("Items")
    if not isinstance(items, list):
        raise PriceApiError(f"an answer of {api.name} has no list 'Items'; nothing is written")
    for item in items:
        for name, kind in _FIELDS.items():
            if not isinstance(item, dict) or not isinstance(item.get(name), kind):
                raise _not_documented(name, api)
        if not math.isfinite(item["retailPrice"]):
            raise _not_documented("retailPrice", api)
        try:
            if holds_now(item.get("effectiveStartDate"), item.get("effectiveEndDate")):
                yield item
        except (TypeError, ValueError) as error:
            raise _not_documented("effectiveStartDate", api) from error


def _not_documented(name: str, api: PriceApi) -> PriceApiError:
    return PriceApiError(f"an item of {api.name} has no {name!r} of the documented form; nothing is written")


def _is_linux_by_the_hour(item: dict[str, Any]) -> bool:
    """Windows, Cloud Services and low priority are other products of the same size; tiers above 0 are discounts."""
    return (
        item["type"] == "Consumption"
        and item["currencyCode"] == "USD"
        and item["unitOfMeasure"] == "1 Hour"
        and not item["productName"].endswith(("Windows", "CloudServices", "Cloud Services"))
        and not item["skuName"].endswith("Low Priority")
        and not item.get("tierMinimumUnits")
        and item["retailPrice"] > 0
    )


def _one(found: list[tuple[bool, Decimal]]) -> Decimal | None:
    """The primary meter's, where several tell one size; None where that does not settle it."""
    for candidates in ({usd for primary, usd in found if primary}, {usd for _, usd in found}):
        if len(candidates) == 1:
            return next(iter(candidates))
        if candidates:
            return None
    return None
