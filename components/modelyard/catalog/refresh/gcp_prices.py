"""Prices of Compute Engine machines from the Cloud Billing Catalog API, which needs an API key.

Google sells a machine's cores, memory, accelerators and disks one by one; a machine costs what its parts do ("VM
instance pricing"). Fields and pages: "services.skus.list" (Cloud Billing API v1). Which parts a series has, and the
words that its SKUs begin with, is ``catalog/data/gcp_price_parts.csv``.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from modelyard.catalog.instance_shapes import InstanceShape, shapes
from modelyard.catalog.refresh.effective_dates import holds_now
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError
from modelyard.catalog.refresh.price_list import Price, PriceList
from modelyard.catalog.table import rows

ADDRESS = "https://cloudbilling.googleapis.com"
_COMPUTE_ENGINE = "6F81-5844-456A"
_HOURS_OF_MONTH = 730
_SHARED_CORE = frozenset({"e2-micro", "e2-small", "e2-medium", "f1-micro", "g1-small"})

_Sku = tuple[str, str, str, Decimal]
"""Description, usage type, unit, USD for one unit."""


class _Unpriced(Exception):
    """Why a machine has no price, as ``str()``."""


def gcp_prices(region: str, instance_types: Collection[str], api: PriceApi) -> PriceList:
    """On demand and spot, by the hour.

    Args:
        region: us-central1, ...
        instance_types: that are wanted; ``n1-standard-8+1xT4`` is a machine with one T4 attached.
        api: of :func:`gcp_api`.

    Raises:
        PriceApiError: no answer, a refusal (a wrong key), or answers of another form.
    """
    query = {"currencyCode": "USD", "pageSize": "5000"}
    path = f"/v1/services/{_COMPUTE_ENGINE}/skus"
    skus: list[_Sku] = []

    def next_page(page: dict[str, Any]) -> str | None:
        token = page.get("nextPageToken")
        return api.address_of(path, {**query, "pageToken": token}) if token else None

    for page in api.pages(path, query, next_page):
        skus += _skus(page, region, api)
    if not skus:
        raise PriceApiError(f"{api.name} has no price of any machine in {region}; nothing is written")
    found: dict[str, Price] = {}
    unpriced: dict[str, str] = {}
    for name in sorted(instance_types):
        try:
            found[name] = _price(name, skus)
        except _Unpriced as error:
            unpriced[name] = str(error)
    if not found:
        raise PriceApiError(f"{api.name} has no price of any known machine type in {region}; nothing is written")
    return PriceList(
        cloud="gcp",
        region=region,
        source=f"Cloud Billing Catalog API v1, Compute Engine SKUs of {region} (sum of a machine's parts)",
        source_date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        prices=found,
        has_spot=True,
        unpriced=unpriced,
    )


def gcp_api(key: str, address: str = ADDRESS) -> PriceApi:
    """The API with a key of a Google Cloud project in which the Cloud Billing API is enabled."""
    return PriceApi("the Cloud Billing Catalog API", address, headers={"X-Goog-Api-Key": key})


def _skus(page: dict[str, Any], region: str, api: PriceApi) -> list[_Sku]:
    if not isinstance(page.get("skus"), list):
        raise PriceApiError(f"an answer of {api.name} has no list 'skus'; nothing is written")
    found = []
    for sku in page["skus"]:
        try:
            now = [each for each in sku["pricingInfo"] if holds_now(each.get("effectiveTime"))]
            if region not in sku["serviceRegions"] or not now:
                continue
            expression = now[-1]["pricingExpression"]
            price = expression["tieredRates"][-1]["unitPrice"]
            usd = Decimal(price.get("units") or "0") + Decimal(price.get("nanos") or 0) / 10**9
            if price["currencyCode"] == "USD" and usd > 0:
                found.append((sku["description"], sku["category"]["usageType"], expression["usageUnit"], usd))
        except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
            raise PriceApiError(f"a SKU of {api.name} is not of the documented form; nothing is written") from error
    return found


def _price(name: str, skus: Sequence[_Sku]) -> Price:
    shape = shapes().get(("gcp", name))
    if shape is None:
        raise _Unpriced("the catalogue does not know what it is made of")
    if name in _SHARED_CORE:
        raise _Unpriced("a machine with a shared core is billed by a share of it")
    parts = _parts(shape)
    on_demand = sum((_usd(part, "on_demand", "OnDemand", skus) * amount for part, amount in parts), Decimal(0))
    try:
        spot = sum((_usd(part, "spot", "Preemptible", skus) * amount for part, amount in parts), Decimal(0))
    except _Unpriced:
        return Price(_rounded(on_demand))
    return Price(_rounded(on_demand), _rounded(spot))


def _parts(shape: InstanceShape) -> list[tuple[Mapping[str, str], Decimal]]:
    """Each part of the machine, and how many units of it an hour has."""
    of_series = [row for row in rows("gcp_price_parts.csv") if shape.name.startswith(row["series"])]
    amounts = {"core": Decimal(shape.vcpu), "memory": shape.memory_gib}
    if shape.accelerator is not None:
        amounts["accelerator"] = Decimal(shape.accelerator_count)
    if shape.local_ssd_count:
        if shape.local_ssd_gib is None:
            raise _Unpriced("the size of its disks is not known")
        amounts["local_ssd"] = Decimal(shape.local_ssd_gib) / _HOURS_OF_MONTH
    parts = []
    for part, amount in amounts.items():
        accelerator = shape.accelerator if part == "accelerator" else ""
        fitting = [row for row in of_series if (row["part"], row["accelerator"]) == (part, accelerator)]
        if len(fitting) != 1:
            raise _Unpriced(f"the catalogue does not know what the SKU of its {part.replace('_', ' ')} is called")
        parts.append((fitting[0], amount))
    return parts


def _usd(part: Mapping[str, str], column: str, usage_type: str, skus: Sequence[_Sku]) -> Decimal:
    prices = {
        usd
        for description, usage, unit, usd in skus
        if usage == usage_type and unit == part["unit"] and description.startswith(part[column])
    }
    if len(prices) != 1:
        what = f"SKU {part[column]!r} of usage {usage_type} by {part['unit']}"
        raise _Unpriced(f"the region has {len(prices)} prices of the {what}" if prices else f"the region has no {what}")
    return prices.pop()


def _rounded(usd: Decimal) -> Decimal:
    """To a hundred-thousandth of a cent, further than any bill goes."""
    return round(usd, 7).normalize()
