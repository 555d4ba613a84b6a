"""Prices of Azure's disks, gateways, registries and clusters, from the Azure Retail Prices API."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from modelyard.catalog.refresh.azure_service_prices import azure_service_rows
from modelyard.catalog.refresh.price_api import PriceApi
from modelyard.catalog.table import UnreadablePrices, packaged_rows, service_rows
from modelyard.cli.__main__ import main

from .price_server import azure_item, azure_page, price_server

DISKS = "Premium SSD Managed Disks"
COLUMNS = "cloud,service,unit,sku,region,usd,source,source_date"


def meter(service: str, product: str, name: str, usd: float, unit: str = "1 Hour", **more: Any) -> dict[str, Any]:
    return azure_item(
        "", usd, serviceName=service, productName=product, meterName=name, skuName=name, unitOfMeasure=unit, **more
    )


ITEMS = [
    meter("Storage", DISKS, "P10 LRS Disk", 21.68, "1/Month"),
    meter("Storage", DISKS, "P10 LRS Disk Mount", 1.2, "1/Month"),
    meter("Storage", DISKS, "P15 LRS Disk", 41.82, "1/Month"),
    meter("Storage", DISKS, "P15 LRS Disk", 39.0, "1/Month", type="Reservation"),
    meter("Storage", DISKS, "P20 LRS Disk", 80.5, "1/Month"),
    meter("Storage", DISKS, "P20 LRS Disk", 81.5, "1/Month"),
    meter("NAT Gateway", "NAT Gateway", "Standard Gateway", 0.045),
    meter("Container Registry", "Container Registry", "Premium Registry Unit", 1.6666, "1/Day"),
    meter("Azure Kubernetes Service", "Azure Kubernetes Service", "Standard Uptime SLA", 0.1),
    meter("Virtual Network", "IP Addresses", "Standard IPv4 Static Public IP", 0.005),
    meter("Virtual Network", "IP Addresses", "Basic IPv4 Static Public IP", 0.0036),
]


def test_each_meter_is_the_item_that_the_catalogue_calls_so() -> None:
    with price_server(azure_page(ITEMS)) as server:
        rows = azure_service_rows("northeurope", PriceApi("the Azure Retail Prices API", server.address))
        filters = [each.query["$filter"] for each in server.asked]
    assert {(row["service"], row["sku"]): (row["usd"], row["unit"]) for row in rows} == {
        ("Managed Disks", "Premium SSD P10 LRS"): ("21.68", "disk-month"),
        ("Managed Disks", "Premium SSD P15 LRS"): ("41.82", "disk-month"),
        ("NAT Gateway", "gateway"): ("0.045", "hour"),
        ("Container Registry", "Premium registry"): ("1.6666", "day"),
        ("AKS", "cluster uptime SLA (Standard tier)"): ("0.1", "hour"),
        ("Public IP", "static, regional"): ("0.005", "hour"),
    }
    assert len(filters) == 5
    assert (
        "serviceName eq 'Storage' and armRegionName eq 'northeurope' and priceType eq 'Consumption' and "
        "(productName eq 'Premium SSD Managed Disks' or productName eq 'Standard HDD Managed Disks' or "
        "productName eq 'Standard SSD Managed Disks')"
    ) in filters


def test_every_item_of_the_mapping_is_priced_somewhere_under_the_same_name() -> None:
    """A name that no rule asks for would be refreshed for nothing."""
    known = {(row["service"], row["sku"], row["unit"]) for row in packaged_rows("services.csv")}
    asked = {(row["service"], row["sku"], row["unit"]) for row in packaged_rows("azure_price_items.csv")}
    assert sorted(asked - known) == []


def test_a_refresh_writes_them_beside_the_machines_and_plans_read_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = azure_item("Standard_NC4as_T4_v3", 0.5)
    asked = ["catalog", "refresh", "--cloud", "azure", "--region", "northeurope", "--out", str(tmp_path)]
    with price_server(azure_page([machine, *ITEMS])) as server:
        assert main([*asked, "--endpoint", server.address]) == 0
        out = capsys.readouterr().out
        assert "  northeurope Managed Disks (Premium SSD P10 LRS): none -> $21.68\n" in out
        assert main([*asked, "--endpoint", server.address]) == 0
        assert "Managed Disks" not in capsys.readouterr().out
    p10 = "print(service_price('azure', 'Managed Disks', 'Premium SSD P10 LRS', {!r}))"
    script = "; ".join(["from modelyard.catalog import service_price", p10.format("northeurope"), p10.format("eastus")])
    environment = {**os.environ, "MODELYARD_PRICES": str(tmp_path / "instances.csv")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert "usd=Decimal('21.68')" in done.stdout and "usd=Decimal('19.71')" in done.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", f"services.csv: the columns must be {COLUMNS.replace(',', ', ')}; write it with"),
        (
            f"{COLUMNS}\nazure,AKS,hour,it,eastus,cheap,s,d\n",
            "services.csv:2: usd is 'cheap', not a number of 0 or more",
        ),
        (f"{COLUMNS}\nazure,AKS,hour,it,eastus,,s,2026-11-20\n", "services.csv:2: usd is missing; write it with"),
    ],
)
def test_a_table_of_another_form(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "services.csv").write_text(text)
    with pytest.raises(UnreadablePrices) as error:
        service_rows(tmp_path)
    assert message in str(error.value)
