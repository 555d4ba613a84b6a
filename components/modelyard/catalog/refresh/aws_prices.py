"""On-demand prices of EC2 from the AWS Price List Bulk API, which needs no account.

The file of a region and its columns: "Reading the service price list file for an AWS service" (AWS Billing user guide).
It has five lines of metadata, then the names of the columns. Spot prices are not in it: EC2 tells them to accounts
alone (DescribeSpotPriceHistory).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation

from modelyard.catalog.refresh.effective_dates import holds_now
from modelyard.catalog.refresh.price_api import PriceApi, PriceApiError
from modelyard.catalog.refresh.price_list import Price, PriceList

ADDRESS = "https://pricing.us-east-1.amazonaws.com"
_METADATA_LINES = 5
_ON_DEMAND_LINUX = {
    "TermType": ("OnDemand",),
    "Unit": ("Hrs",),
    "Currency": ("USD",),
    "Product Family": ("Compute Instance", "Compute Instance (bare metal)"),
    "Tenancy": ("Shared",),
    "Operating System": ("Linux",),
    "License Model": ("No License required",),
    "CapacityStatus": ("Used",),
    "Pre Installed S/W": ("NA", ""),
}
_COLUMNS = (*_ON_DEMAND_LINUX, "Instance Type", "PricePerUnit", "Region Code")


def aws_prices(region: str, instance_types: Collection[str], api: PriceApi | None = None) -> PriceList:
    """Linux, shared tenancy, by the hour.

    Args:
        region: us-east-1, ...
        instance_types: that are wanted; all others are passed over.
        api: default: AWS's own address.

    Raises:
        PriceApiError: no answer, a refusal, or a file of another form.
    """
    api = api or PriceApi("the AWS Price List Bulk API", ADDRESS)
    found: dict[str, set[Decimal]] = {}
    with api.lines(f"/offers/v1.0/aws/AmazonEC2/current/{region}/index.csv") as lines:
        table = _whole_lines(csv.reader(lines, strict=True), api)
        metadata = _metadata(table, api)
        for row in _rows(table, api):
            name = row["Instance Type"]
            if name in instance_types and row["Region Code"] == region and _is_wanted(row, api):
                found.setdefault(name, set()).add(_usd(row["PricePerUnit"], name, api))
    if not found:
        raise PriceApiError(f"{api.name} has no price of any known machine type in {region}; nothing is written")
    single = {name: Price(next(iter(prices))) for name, prices in found.items() if len(prices) == 1}
    unpriced = {
        name: f"the list has {len(found[name])} prices of it" if name in found else "it is not sold there"
        for name in sorted(set(instance_types) - set(single))
    }
    return PriceList(
        cloud="aws",
        region=region,
        source=f"AWS Price List Bulk API, AmazonEC2 {region} version {metadata['Version']}",
        source_date=metadata["Publication Date"][:10],
        prices=single,
        has_spot=False,
        unpriced=unpriced,
    )


def _whole_lines(table: Iterator[list[str]], api: PriceApi) -> Iterator[list[str]]:
    try:
        yield from table
    except csv.Error as error:
        raise PriceApiError(f"the price list of {api.name} ends within a line, or is not CSV; try again") from error


def _metadata(table: Iterator[list[str]], api: PriceApi) -> dict[str, str]:
    found: dict[str, str] = {}
    for _ in range(_METADATA_LINES):
        line = next(table, [])
        if len(line) >= 2:
            found[line[0]] = line[1]
    for name in ("Version", "Publication Date"):
        if not found.get(name):
            raise PriceApiError(f"the price list of {api.name} does not begin with its {name!r}; nothing is written")
    return found


def _rows(table: Iterator[list[str]], api: PriceApi) -> Iterator[dict[str, str]]:
    names = next(table, [])
    missing = [column for column in _COLUMNS if column not in names]
    if missing:
        raise PriceApiError(f"the price list of {api.name} has no column {missing[0]!r}; nothing is written")
    wanted = [
        (names.index(column), column) for column in (*_COLUMNS, "MarketOption", "EffectiveDate") if column in names
    ]
    for row in table:
        if len(row) < len(names):
            raise PriceApiError(f"the price list of {api.name} ends within a line, or is not CSV; try again")
        yield {column: row[index] for index, column in wanted}


def _is_wanted(row: dict[str, str], api: PriceApi) -> bool:
    """Capacity blocks are rows of the same machine with another MarketOption; a price of 0 is no offer."""
    return (
        all(row[column] in values for column, values in _ON_DEMAND_LINUX.items())
        and row.get("MarketOption", "OnDemand") in ("OnDemand", "")
        and row["PricePerUnit"].strip("0.") != ""
        and _holds_now(row, api)
    )


def _holds_now(row: dict[str, str], api: PriceApi) -> bool:
    begins = row.get("EffectiveDate")
    try:
        return holds_now(begins)
    except ValueError:
        raise PriceApiError(
            f"the price of {row['Instance Type']} in the list of {api.name} begins on {begins!r}, no date; "
            "nothing is written"
        ) from None


def _usd(text: str, name: str, api: PriceApi) -> Decimal:
    try:
        usd = Decimal(text).normalize()
    except InvalidOperation:
        usd = Decimal("NaN")
    if not (usd.is_finite() and usd > 0):
        raise PriceApiError(f"the price of {name} in the list of {api.name} is {text!r}, not a number above 0")
    return usd
