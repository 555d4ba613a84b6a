"""``modelyard catalog refresh``"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..catalog.refresh.price_api import PriceApi, PriceApiError
from ..catalog.refresh.price_changes import PriceChange, Refreshed, Row, known_types, refreshed
from ..catalog.refresh.price_list import PriceList
from ..catalog.refresh.price_table import FILE_NAME, lines, merged_services, starting_rows
from ..catalog.table import PRICES_VARIABLE, SERVICE_PRICES, UnreadablePrices, packaged_rows, service_rows
from ..review.atomic_file import check_writable, write_all
from ..review.refused import PlanRefused
from .cloud_api import unknown_regions, unsafe_endpoint
from .documents import asked_documents
from .standard_output import told


def run(arguments: argparse.Namespace) -> int:
    """Ask the cloud for its prices, show what changes, and write the table: whole, or not at all."""
    _check(arguments)
    out: Path = arguments.out
    asked = asked_documents({"--json": arguments.json})
    table = out / FILE_NAME
    check_writable(str(out if not out.exists() else table), "--out")
    try:
        rows = starting_rows(out)
        wanted = sorted({row["region"] for row in rows if row["cloud"] == arguments.cloud})
        if not arguments.all_regions:
            wanted = list(dict.fromkeys(arguments.region))
        services: Sequence[Row] = service_rows(out)
        told_services = services
        steps: list[tuple[PriceList, Refreshed]] = []
        for name in wanted:
            prices = _prices(arguments, name)
            step = refreshed(rows, prices)
            steps.append((prices, step))
            rows = step.rows
            services = merged_services(services, arguments.cloud, name, _services(arguments, name))
    except (PriceApiError, UnreadablePrices) as error:
        raise PlanRefused(str(error)) from error
    files: list[tuple[Path, Any]] = []
    if not arguments.dry_run:
        out.mkdir(exist_ok=True)
        files.append((table, lambda: lines(rows)))
        if services:
            files.append((out / SERVICE_PRICES, lambda: lines(services, SERVICE_PRICES)))
    if arguments.json not in (None, "-"):
        files.append((Path(arguments.json), lambda: _document(steps)))
    write_all(files)
    with told():
        if asked.get("--json") == "-":
            sys.stdout.writelines(_document(steps))
        else:
            _show(steps, _service_changes(told_services, services), None if arguments.dry_run else table)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    found = []
    if arguments.cloud is None:
        found.append("--cloud is missing: name the cloud whose prices are asked for: aws, gcp or azure")
    if arguments.all_regions and arguments.region:
        found.append("--region and --all-regions do not go together; name regions, or take all")
    elif not arguments.region and not arguments.all_regions:
        found.append("--region is missing: name the region, once for each")
    elif arguments.cloud is not None:
        found += unknown_regions(arguments.cloud, arguments.region or ())
    if arguments.out is None:
        found.append("--out is missing: name the folder that the table of prices is written into")
    found += unsafe_endpoint(arguments.endpoint)
    if arguments.cloud == "gcp" and not os.environ.get(arguments.key_env, "").strip():
        found.append(
            f"the environment variable {arguments.key_env} is not set: put an API key of a Google Cloud project with "
            "the Cloud Billing API into it, or name another variable with --key-env"
        )
    if found:
        raise PlanRefused("\n".join(found))


def _prices(arguments: argparse.Namespace, name: str) -> PriceList:
    wanted: Collection[str] = known_types(arguments.cloud)
    if arguments.cloud == "gcp":
        from ..catalog.refresh import gcp_prices
        from ..catalog.refresh.secret_variable import secret_of

        key = secret_of(arguments.key_env) or ""
        return gcp_prices.gcp_prices(name, wanted, gcp_prices.gcp_api(key, arguments.endpoint or gcp_prices.ADDRESS))
    if arguments.cloud == "azure":
        from ..catalog.refresh import azure_prices

        api = PriceApi("the Azure Retail Prices API", arguments.endpoint) if arguments.endpoint else None
        return azure_prices.azure_prices(name, wanted, api)
    from ..catalog.refresh import aws_prices

    api = PriceApi("the AWS Price List Bulk API", arguments.endpoint) if arguments.endpoint else None
    return aws_prices.aws_prices(name, wanted, api)


def _services(arguments: argparse.Namespace, name: str) -> list[Row]:
    """What surrounds machines; of Azure alone, whose API tells it in the same way."""
    if arguments.cloud != "azure":
        return []
    from ..catalog.refresh.azure_prices import ADDRESS
    from ..catalog.refresh.azure_service_prices import azure_service_rows

    return azure_service_rows(name, PriceApi("the Azure Retail Prices API", arguments.endpoint or ADDRESS))


def _service_changes(before: Sequence[Row], after: Sequence[Row]) -> list[str]:
    """Beside an earlier refresh, or else beside the price that this release knows."""
    old = {_item(row): row["usd"] for row in (*packaged_rows(SERVICE_PRICES), *before)}
    return [
        f"{row['region']} {row['service']} ({row['sku']}): {_told(old.get(_item(row)))} -> ${row['usd']}"
        for row in after
        if row not in before and _told(old.get(_item(row))) != f"${Decimal(row['usd']).normalize():f}"
    ]


def _item(row: Row) -> tuple[str, str, str, str]:
    return row["cloud"], row["region"], row["service"], row["sku"]


def _told(usd: str | None) -> str:
    return "none" if usd is None else f"${Decimal(usd).normalize():f}"


def _show(steps: Sequence[tuple[PriceList, Refreshed]], services: Sequence[str], table: Path | None) -> None:
    for prices, step in steps:
        print(f"{prices.cloud} {prices.region}: {prices.source} ({prices.source_date})")
        for change in step.changes:
            print(f"  {_change(change)}")
        print(f"  {len(step.changes)} prices changed, {step.unchanged} are what they were")
        for name, why in step.kept.items():
            print(f"  {name} stays as it was: {why}")
    for change in services:
        print(f"  {change}")
    if table is None:
        print("Nothing is written.")
    else:
        print(f"Written: {table}. Plans read it where {PRICES_VARIABLE} names it.")


def _change(change: PriceChange) -> str:
    kind = change.kind.replace("_", "-")
    percent = "" if change.percent is None else f" ({change.percent:+.1f} %)"
    return f"{change.instance_type} {kind}: {_usd(change.before)} -> {_usd(change.after)}{percent}"


def _usd(amount: Decimal | None) -> str:
    return "none" if amount is None else f"${amount:f}"


def _document(steps: Sequence[tuple[PriceList, Refreshed]]) -> Iterator[str]:
    yield json.dumps({"refreshed": [_step(prices, step) for prices, step in steps]}, indent=2) + "\n"


def _step(prices: PriceList, step: Refreshed) -> Mapping[str, Any]:
    return {
        "cloud": prices.cloud,
        "region": prices.region,
        "source": prices.source,
        "source_date": prices.source_date,
        "changes": [
            {
                "instance_type": each.instance_type,
                "kind": each.kind,
                "before_usd_per_hour": None if each.before is None else float(each.before),
                "after_usd_per_hour": None if each.after is None else float(each.after),
                "percent": None if each.percent is None else round(float(each.percent), 2),
            }
            for each in step.changes
        ],
        "unchanged": step.unchanged,
        "kept": dict(step.kept),
    }
