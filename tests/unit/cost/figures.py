"""Figures and helpers that several cost tests share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modelyard.cost import Estimate
from modelyard.graph import Resource

from ..placement.plan import aws, resource

USAGE: dict[str, Any] = {
    "nat_gb_per_month": Decimal(100),
    "endpoint_gb_per_month": Decimal(50),
    "log_gb_per_month": Decimal(10),
    "log_stored_gb": Decimal(20),
    "model_store_gb": Decimal(200),
    "registry_gb": Decimal(30),
    "load_balancer_capacity_units": Decimal(1),
}


def usd(value: str) -> Decimal:
    return Decimal(value)


def conserved(found: Estimate) -> None:
    assert found.total == sum(found.departments.values(), found.shared + found.idle)
    assert found.total == sum((line.usd for line in found.lines), Decimal(0))
    for line in found.lines:
        assert (line.kind == "department") == (line.department is not None)
    for department, own in found.departments.items():
        assert own == sum(line.usd for line in found.lines if line.department == department)
    for (department, model), own in found.models.items():
        assert own == sum(line.usd for line in found.lines if (line.department, line.model) == (department, model))


def nat(region: str) -> list[Resource]:
    provider = aws(region)
    return [provider, resource("aws:ec2/natGateway:NatGateway", f"nat-{region}", {}, provider=provider.urn)]
