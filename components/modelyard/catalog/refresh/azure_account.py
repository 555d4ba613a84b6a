"""Sizes and quotas of a subscription in one region of Azure.

"Resource Skus - List" (Azure Compute REST API 2021-07-01): zones of a size, and restrictions of the subscription;
"Usage - List" (2024-07-01): vCPUs by family of sizes. Both only read.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote

from modelyard.catalog.refresh.account_answer import AccountAnswer, AccountQuota, Offering, family_of, known_families
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError

ADDRESS = "https://management.azure.com"
SCOPE = "https://management.azure.com/.default"
_SPOT = "lowPriorityCores"


def azure_account(region: str, instance_types: Collection[str], subscription: str, api: PriceApi) -> AccountAnswer:
    """Asked with a token of whoever is logged in.

    Args:
        region: northeurope, ...
        instance_types: sizes that are wanted.
        subscription: its id.
        api: of :func:`azure_api`.

    Raises:
        PriceApiError: no answer, a refusal, or answers of another form.
    """
    base = f"/subscriptions/{quote(subscription, safe='')}/providers/Microsoft.Compute"
    skus = {"api-version": "2021-07-01", "$filter": f"location eq '{region}'"}
    offerings: dict[str, Offering] = {}
    for item in _values(api, f"{base}/skus", skus):
        if item.get("resourceType") == "virtualMachines" and item.get("name") in instance_types:
            offerings[item["name"]] = _offering(item, region, api)
    if not offerings:
        raise PriceApiError(f"{api.name} names no known size in {region}; nothing is written")
    for name in instance_types:
        offerings.setdefault(name, Offering((), offered=False, why="it is not sold there"))
    families = known_families("azure")
    found: list[AccountQuota] = []
    for item in _values(api, f"{base}/locations/{region}/usages", {"api-version": "2024-07-01"}):
        name, limit = _usage(item, api)
        family = family_of(name, families)
        if name == _SPOT:
            found.append(AccountQuota(_SPOT, "spot", limit))
        elif family is not None:
            found.append(AccountQuota(family, "on_demand", limit))
    return AccountAnswer(
        cloud="azure",
        region=region,
        source="Resource SKUs and compute usage of the subscription",
        source_date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        offerings=dict(sorted(offerings.items())),
        quotas=sorted(found, key=lambda each: (each.family, each.capacity)),
    )


def azure_api(token: str, address: str = ADDRESS) -> PriceApi:
    """Azure Resource Manager, with a token of it."""
    return PriceApi("Azure Resource Manager", address, headers={"Authorization": f"Bearer {token}"})


def _values(api: PriceApi, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    for page in api.pages(path, query, lambda page: page.get("nextLink")):
        values = page.get("value")
        if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
            raise PriceApiError(f"an answer of {api.name} has no list 'value'; nothing is written")
        yield from values


def _offering(item: dict[str, Any], region: str, api: PriceApi) -> Offering:
    """Zones where the size is, less those that the subscription may not use."""
    try:
        here = [each for each in item["locationInfo"] if each["location"].casefold() == region]
        zones = sorted({zone for each in here for zone in each.get("zones") or ()})
        closed: set[str] = set()
        why = ""
        for restriction in item.get("restrictions") or ():
            why = str(restriction.get("reasonCode") or "restricted")
            if restriction["type"] == "Location":
                return Offering((), offered=False, why=why)
            closed.update(restriction.get("restrictionInfo", {}).get("zones") or ())
    except (KeyError, TypeError, AttributeError) as error:
        raise PriceApiError(f"a SKU of {api.name} is not of the documented form; nothing is written") from error
    left = tuple(zone for zone in zones if zone not in closed)
    return Offering(left, offered=bool(left) or not zones, why=why)


def _usage(item: dict[str, Any], api: PriceApi) -> tuple[str, int]:
    try:
        return str(item["name"]["value"]), int(item["limit"])
    except (KeyError, TypeError, ValueError) as error:
        raise PriceApiError(f"a usage of {api.name} is not of the documented form; nothing is written") from error
