"""The clouds' own APIs on loopback, as far as they tell an account what it may run, in the documented forms.

AWS's answers are read by botocore, whose service models are AWS's own description of them: a wrong name would be lost.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback_server import loopback_server

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
AWS_ZONES = {"us-east-1a": "use1-az4", "us-east-1b": "use1-az6", "us-east-1c": "use1-az1"}
_EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"


@dataclass
class AccountServer:
    address: str
    offered: dict[str, list[str]] = field(default_factory=lambda: {"g6.xlarge": ["us-east-1a", "us-east-1b"]})
    """Zones of AWS by machine type; two types a page."""
    applied: dict[str, float] = field(default_factory=lambda: {"Running On-Demand G and VT instances": 8.0})
    defaults: dict[str, float] = field(
        default_factory=lambda: {
            "Running On-Demand G and VT instances": 0.0,
            "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances": 5.0,
            "All G and VT Spot Instance Requests": 0.0,
            "All P4, P3 and P2 Spot Instance Requests": 0.0,
            "EC2-VPC Elastic IPs": 5.0,
        }
    )
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of Azure and Google Cloud, by path."""
    refusal: tuple[int, bytes] | None = None
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


@contextlib.contextmanager
def account_server() -> Iterator[AccountServer]:
    with loopback_server(_Handler) as server:
        scripted = AccountServer(f"http://127.0.0.1:{server.server_address[1]}")
        server.scripted = scripted  # type: ignore[attr-defined]
        yield scripted


def azure_size(name: str, zones: list[str], restrictions: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An item of "Resource Skus - List"."""
    return {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "size": name.removeprefix("Standard_"),
        "family": "standardFamily",
        "locations": ["northeurope"],
        "locationInfo": [{"location": "NorthEurope", "zones": zones, "zoneDetails": []}],
        "capabilities": [{"name": "vCPUs", "value": "4"}],
        "restrictions": restrictions or [],
    }


def azure_usage(name: str, limit: int) -> dict[str, Any]:
    """An item of "Usage - List"."""
    return {
        "unit": "Count",
        "currentValue": 0,
        "limit": limit,
        "name": {"value": name, "localizedValue": f"{name} vCPUs"},
    }


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        scripted = self._scripted()
        path = urlsplit(self.path).path
        scripted.asked.append(self.path)
        scripted.tokens.add(self.headers.get("Authorization", ""))
        document = scripted.documents.get(self.path) or scripted.documents.get(path)
        if scripted.refusal is not None or document is None:
            self._answer(*(scripted.refusal or (404, b"{}")), kind="application/json")
            return
        body = json.dumps(document).replace("{address}", scripted.address).encode()
        self._answer(200, body, kind="application/json")

    def do_POST(self) -> None:
        scripted = self._scripted()
        text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        target = self.headers.get("X-Amz-Target")
        if scripted.refusal is not None:
            self._answer(*scripted.refusal, kind="text/xml")
        elif target is not None:
            operation, asked = target.rpartition(".")[2], json.loads(text)
            scripted.asked.append(operation)
            self._answer(
                200, json.dumps(_quotas(scripted, operation, asked)).encode(), kind="application/x-amz-json-1.1"
            )
        else:
            query = {name: values[0] for name, values in parse_qs(text).items()}
            scripted.asked.append(query["Action"])
            self._answer(200, _ec2(scripted, query).encode(), kind="text/xml")

    def _scripted(self) -> AccountServer:
        return self.server.scripted  # type: ignore[attr-defined]

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _ec2(scripted: AccountServer, query: Mapping[str, str]) -> str:
    action = query["Action"]
    if action == "DescribeAvailabilityZones":
        items = "".join(
            f"<item><zoneName>{name}</zoneName><zoneState>available</zoneState><regionName>us-east-1</regionName>"
            f"<zoneId>{zone}</zoneId><zoneType>availability-zone</zoneType></item>"
            for name, zone in AWS_ZONES.items()
        )
        items += (
            "<item><zoneName>us-east-1-atl-1a</zoneName><zoneId>use1-atl1-az1</zoneId><zoneType>local-zone</zoneType>"
            "</item>"
        )
        return (
            f'<{action}Response xmlns="{_EC2}"><availabilityZoneInfo>{items}</availabilityZoneInfo></{action}Response>'
        )
    pairs = [(name, zone) for name, zones in scripted.offered.items() for zone in zones]
    start = int(query.get("NextToken", "0"))
    items = "".join(
        f"<item><instanceType>{name}</instanceType><locationType>{query['LocationType']}</locationType>"
        f"<location>{zone}</location></item>"
        for name, zone in pairs[start : start + 2]
    )
    token = f"<nextToken>{start + 2}</nextToken>" if start + 2 < len(pairs) else ""
    return (
        f'<{action}Response xmlns="{_EC2}"><instanceTypeOfferingSet>{items}</instanceTypeOfferingSet>{token}'
        f"</{action}Response>"
    )


def _quotas(scripted: AccountServer, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    every = list((scripted.applied if operation == "ListServiceQuotas" else scripted.defaults).items())
    start = int(asked.get("NextToken", "0"))
    found = [
        {
            "ServiceCode": asked["ServiceCode"],
            "QuotaCode": "L-1216C47A",
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
        }
        for name, value in every[start : start + 2]
    ]
    return {"Quotas": found, **({"NextToken": str(start + 2)} if start + 2 < len(every) else {})}
