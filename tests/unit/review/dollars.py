"""The retailer's estimate, made by hand so that its figures stay the same when prices change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from modelyard.cost import Estimate, Line, Unpriced

_POOL = "urn:pulumi:prod-foundation::modelyard::aws:eks/nodeGroup:NodeGroup::l4"
_CLUSTER = "urn:pulumi:prod-foundation::modelyard::aws:eks/cluster:Cluster::east"


def estimate() -> Estimate:
    """$9,876.54 a month, two KMS keys unpriced."""
    return Estimate(
        currency="USD",
        total=Decimal("9876.54"),
        departments={"merchandising": Decimal("4321.09"), "supply-chain": Decimal("800.00")},
        shared=Decimal("3755.45"),
        idle=Decimal("1000.00"),
        models={("merchandising", "product-tagging"): Decimal("4321.09")},
        lines=[
            _line(_POOL, "nodes, g6.2xlarge", "4321.09", "department", "merchandising", "product-tagging"),
            _line(_POOL, "nodes, g6.2xlarge", "800.00", "department", "supply-chain", "demand"),
            _line(_CLUSTER, "control plane", "3755.45", "shared"),
            _line(_POOL, "nodes, g6.2xlarge, idle", "1000.00", "idle"),
        ],
        unpriced=[
            Unpriced("urn:x", "aws:kms/key:Key", "KMS key", "no price is known"),
            Unpriced("urn:y", "aws:kms/key:Key", "KMS key", "no price is known"),
        ],
        assumptions=["a month has 730 hours", "nat_gb_per_month: 200 for each resource that it speaks of"],
        priced_share={"resources": 0.94, "fixed": 0.97, "dollars": 1.0},
        at_max=Decimal("15000.00"),
    )


def _line(urn: str, what: str, usd: str, kind: Any, department: str | None = None, model: str | None = None) -> Line:
    return Line(
        urn=urn,
        what=what,
        department=department,
        model=model,
        kind=kind,
        quantity=Decimal(730),
        unit="hour",
        unit_usd=Decimal("0.9776"),
        usd=Decimal(usd),
        region="us-east-1",
        source="price list",
        source_date="2026-01-01",
        assumed=None,
    )
