"""Networks of Google Cloud and Azure: ways out, addresses, flow logs."""

from __future__ import annotations

from decimal import Decimal

from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.reading import mapping, text
from modelyard.placement.region import region_of

_MOST_CHARGED_MACHINES = 32
"""https://cloud.google.com/nat/pricing: a gateway costs by the machine that uses it, and from 32 on no more."""


def charge_cloud_nat(bill: Bill, resource: Resource) -> None:
    """By the nodes of the plan in its region, and by data."""
    region = region_of(resource, bill.graph)
    most = bill.hours * _MOST_CHARGED_MACHINES
    machines = min(most, bill.node_hours.get(("gcp", region or ""), Decimal(0)))
    bill.item(resource, "Cloud NAT for the nodes", "Cloud NAT", "assigned VM, first 32", "VM-hour", machines)
    what = "data through Cloud NAT"
    bill.usage(resource, what, "Cloud NAT", "data processed", "GB", "nat_gb_per_month", Decimal(1))


def charge_subnetwork(bill: Bill, resource: Resource) -> None:
    """Free, but for its flow logs."""
    if mapping(resource.inputs.get("logConfig")):
        what = "flow logs"
        bill.usage(resource, what, "Cloud Logging", "VPC flow logs", "GB", "log_gb_per_month", Decimal(1))


def charge_public_address(bill: Bill, resource: Resource) -> None:
    """An address of Azure, static or not, by the hour."""
    kind = (text(resource.inputs.get("publicIPAllocationMethod")) or "Dynamic").lower()
    bill.hourly(resource, f"public address ({kind})", "Public IP", f"{kind}, regional")
