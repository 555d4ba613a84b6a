"""Deployed models of Vertex AI: replicas by the hour, each a machine and perhaps GPUs."""

from __future__ import annotations

from decimal import Decimal

from modelyard.cost.average_replicas import with_average
from modelyard.cost.bill import Bill
from modelyard.cost.owner import owner_of
from modelyard.cost.price import NoPrice
from modelyard.graph import Resource
from modelyard.placement.reading import at, mapping, text, whole
from modelyard.placement.region import region_of

SERVICE = "Vertex AI prediction"
DEPLOYED_MODEL = "pulumi-python:dynamic/vertex:DeployedModel"


def charge_deployed_model(bill: Bill, resource: Resource) -> None:
    """The guaranteed replicas, all month; Vertex AI never goes below one."""
    machine = mapping(resource.inputs.get("machineSpec"))
    machine_type = text(machine.get("machineType"))
    least = whole(resource.inputs.get("minReplicaCount"))
    if machine_type is None or least is None:
        bill.unpriced(resource, "replicas", "its machine type or its replicas are not known before the deployment")
        return
    most = whole(resource.inputs.get("maxReplicaCount")) or least
    spot = ", spot" if resource.inputs.get("spot") is True else ""
    floor, words = with_average(bill, resource, owner_of(resource, bill.graph), Decimal(least))
    _charge(bill, resource, "replicas", f"{machine_type}{spot}", floor, most - floor, words)
    accelerator = text(machine.get("acceleratorType"))
    if accelerator is not None:
        count = whole(at(machine, "acceleratorCount")) or 1
        _charge(bill, resource, "GPUs", f"{accelerator}{spot}", floor * count, (most - floor) * count, words)


def _charge(
    bill: Bill, resource: Resource, what: str, sku: str, count: Decimal, growth: Decimal, assumed: str | None
) -> None:
    region = region_of(resource, bill.graph)
    price = bill.book.service(region, SERVICE, sku, "hour", resource.type, cloud="gcp")
    if isinstance(price, NoPrice):
        bill.unpriced(resource, f"{what} ({sku})", price)
        return
    owner = owner_of(resource, bill.graph)
    bill.charge(resource, f"{what} ({sku})", owner, bill.hours * count, price, region, assumed=assumed)
    bill.growth(bill.hours * growth, price)
