"""The retailer's estimate, made by hand."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any


def estimate() -> Any:
    ns = SimpleNamespace(
        total=Decimal("9876.54"),
        departments={"merchandising": Decimal("4321.09"), "supply-chain": Decimal("800.00")},
        shared=Decimal("3755.45"),
        idle=Decimal("1000.00"),
        models={("merchandising", "product-tagging"): Decimal("4321.09")},
        lines=[
            SimpleNamespace(
                urn="urn:pulumi:prod-foundation::modelyard::aws:eks/nodeGroup:NodeGroup::l4",
                what="EC2 nodes g6.2xlarge",
                department="merchandising",
                model="product-tagging",
                kind="department",
                quantity=Decimal(1460),
                unit="hour",
                unit_usd=Decimal("0.9776"),
                usd=Decimal("4321.09"),
                region="us-east-1",
                source="snapshot",
                source_date="2026-01-01",
                assumed=None,
            ),
            SimpleNamespace(
                urn="urn:pulumi:prod-foundation::modelyard::aws:eks/cluster:Cluster::east",
                what="EKS control plane",
                department=None,
                model=None,
                kind="shared",
                quantity=Decimal(730),
                unit="hour",
                unit_usd=Decimal("0.1"),
                usd=Decimal("3755.45"),
                region="us-east-1",
                source="snapshot",
                source_date="2026-01-01",
                assumed=None,
            ),
            SimpleNamespace(
                urn="urn:pulumi:prod-foundation::modelyard::aws:eks/nodeGroup:NodeGroup::l4",
                what="EC2 nodes g6.2xlarge, idle",
                department=None,
                model=None,
                kind="idle",
                quantity=Decimal(730),
                unit="hour",
                unit_usd=Decimal("0.9776"),
                usd=Decimal("1000"),
                region="us-east-1",
                source="snapshot",
                source_date="2026-01-01",
                assumed=None,
            ),
        ],
        unpriced=[
            SimpleNamespace(urn="urn:x", type="aws:kms/key:Key", what="KMS key", reason="no price is known"),
            SimpleNamespace(urn="urn:y", type="aws:kms/key:Key", what="KMS key", reason="no price is known"),
        ],
        assumptions=["730 hours in a month", "200 GB a month through each NAT gateway"],
        priced_share={"resources": 0.94, "dollars": 1.0},
    )
    ns.to_json = lambda: {
        "currency": "USD",
        "monthly": {"total": ns.total, "departments": ns.departments, "shared": ns.shared, "idle": ns.idle},
    }
    return ns
