"""A price API on loopback: it gives the answers that a test scripts, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback_server import loopback_server


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    """Bytes after which the connection closes, though more were announced."""


@dataclass
class Asked:
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass
class PriceServer:
    address: str
    answers: list[Answer]
    """Given in this order; the last one again and again."""
    asked: list[Asked] = field(default_factory=list)


@contextlib.contextmanager
def price_server(*answers: Answer) -> Iterator[PriceServer]:
    """Runs until the block ends; ``{address}`` in a body is the server's own."""
    with loopback_server(_Handler) as server:
        scripted = PriceServer(f"http://127.0.0.1:{server.server_address[1]}", list(answers))
        server.scripted = scripted  # type: ignore[attr-defined]
        yield scripted


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        scripted: PriceServer = self.server.scripted  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answer = scripted.answers[min(len(scripted.asked), len(scripted.answers) - 1)]
        scripted.asked.append(Asked(parts.path, query, dict(self.headers)))
        body = answer.body.replace(b"{address}", scripted.address.encode())
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if answer.cut_at is None else body[: answer.cut_at])

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def as_json(document: object, **more: Any) -> Answer:
    return Answer(json.dumps(document).encode(), headers={"Content-Type": "application/json"}, **more)


# The columns of a region's file for EC2, with those between that nothing here reads left out.
AWS_COLUMNS = [
    "SKU",
    "OfferTermCode",
    "RateCode",
    "TermType",
    "PriceDescription",
    "EffectiveDate",
    "StartingRange",
    "EndingRange",
    "Unit",
    "PricePerUnit",
    "Currency",
    "RelatedTo",
    "LeaseContractLength",
    "PurchaseOption",
    "OfferingClass",
    "Product Family",
    "serviceCode",
    "Location",
    "Location Type",
    "Instance Type",
    "Current Generation",
    "Instance Family",
    "vCPU",
    "Physical Processor",
    "Clock Speed",
    "Memory",
    "Storage",
    "Network Performance",
    "Processor Architecture",
    "Tenancy",
    "Operating System",
    "License Model",
    "usageType",
    "operation",
    "CapacityStatus",
    "MarketOption",
    "Pre Installed S/W",
    "Region Code",
    "serviceName",
]
_AWS_ROW = {
    "SKU": "2223B6PCG6QAUYY6",
    "TermType": "OnDemand",
    "EffectiveDate": "2025-11-01",
    "StartingRange": "0",
    "EndingRange": "Inf",
    "Unit": "Hrs",
    "Currency": "USD",
    "Product Family": "Compute Instance",
    "serviceCode": "AmazonEC2",
    "Location": "US East (N. Virginia)",
    "Location Type": "AWS Region",
    "Tenancy": "Shared",
    "Operating System": "Linux",
    "License Model": "No License required",
    "operation": "RunInstances",
    "CapacityStatus": "Used",
    "MarketOption": "OnDemand",
    "Pre Installed S/W": "NA",
    "Region Code": "us-east-1",
    "serviceName": "Amazon Elastic Compute Cloud",
}


def aws_file(rows: Sequence[Mapping[str, str]], *, columns: Sequence[str] = AWS_COLUMNS) -> bytes:
    """A region's price list: rows are what differs from an on-demand Linux machine of us-east-1."""
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(["FormatVersion", "v1.0"])
    table.writerow(["Disclaimer", "This pricing list is for informational purposes only."])
    table.writerow(["Publication Date", "2026-11-20T01:02:03Z"])
    table.writerow(["Version", "20261120010203"])
    table.writerow(["OfferCode", "AmazonEC2"])
    table.writerow(columns)
    for row in rows:
        cells = {**_AWS_ROW, **row}
        table.writerow([cells.get(column, "") for column in columns])
    return text.getvalue().encode()


def aws_row(name: str, usd: str, **more: str) -> dict[str, str]:
    return {"Instance Type": name, "PricePerUnit": usd, **more}


def azure_item(size: str, usd: float, **more: Any) -> dict[str, Any]:
    """As "Azure Retail Prices overview" shows one."""
    return {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": usd,
        "unitPrice": usd,
        "armRegionName": "eastus",
        "location": "US East",
        "effectiveStartDate": "2025-01-01T00:00:00Z",
        "meterId": "000a794b-bdb0-58be-a0cd-0c3a0f222923",
        "meterName": size.removeprefix("Standard_").replace("_", " "),
        "productId": "DZH318Z0BQPS",
        "skuId": "DZH318Z0BQPS/00TG",
        "productName": "Virtual Machines Series",
        "skuName": size.removeprefix("Standard_").replace("_", " "),
        "serviceName": "Virtual Machines",
        "serviceId": "DZH313Z7MMC8",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": size,
        **more,
    }


def azure_page(items: Sequence[Mapping[str, Any]], following: str | None = None) -> Answer:
    return as_json(
        {
            "BillingCurrency": "USD",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": list(items),
            "NextPageLink": following,
            "Count": len(items),
        }
    )


def gcp_sku(
    description: str, usd: str, *, usage: str = "OnDemand", unit: str = "h", region: str = "us-central1"
) -> Any:
    """As Cloud Billing API v1 describes a Sku; ``usd`` with at most nine decimals."""
    whole, _, part = usd.partition(".")
    return {
        "name": "services/6F81-5844-456A/skus/0000-0000-0000",
        "skuId": "0000-0000-0000",
        "description": f"{description} in Americas",
        "category": {
            "serviceDisplayName": "Compute Engine",
            "resourceFamily": "Compute",
            "resourceGroup": "GPU",
            "usageType": usage,
        },
        "serviceRegions": [region],
        "pricingInfo": [
            {
                "summary": "",
                "pricingExpression": {
                    "usageUnit": unit,
                    "usageUnitDescription": "hour",
                    "baseUnit": "s",
                    "baseUnitDescription": "second",
                    "baseUnitConversionFactor": 3600,
                    "displayQuantity": 1,
                    "tieredRates": [
                        {
                            "startUsageAmount": 0,
                            "unitPrice": {"currencyCode": "USD", "units": whole, "nanos": int(part.ljust(9, "0") or 0)},
                        }
                    ],
                },
                "currencyConversionRate": 1,
                "effectiveTime": "2025-11-20T01:02:03.000Z",
            }
        ],
        "serviceProviderName": "Google",
        "geoTaxonomy": {"type": "REGIONAL", "regions": [region]},
    }


def gcp_page(skus: Sequence[Any], token: str = "") -> Answer:
    return as_json({"skus": list(skus), "nextPageToken": token})
