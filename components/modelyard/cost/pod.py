"""Pods whose nodes are in another stack: a department's own plan, priced by what its pool's nodes cost."""

from __future__ import annotations

from decimal import Decimal

from modelyard.catalog import UnknownInstanceType, allocatable, instance
from modelyard.cost.allocation import node_share
from modelyard.cost.bill import Bill
from modelyard.cost.floor_hours import FloorHours
from modelyard.cost.owner import owner
from modelyard.cost.price import NoPrice
from modelyard.graph import Resource
from modelyard.placement import Placement, Requests, Workload

_CLOUDS = ("aws", "gcp", "azure")
_CAPACITIES = ("on_demand", "spot", "reserved", "flex_start", "queued")
_NOTE = (
    "pods whose pool is in another stack are priced by the pool's first instance type: without root volumes, idle "
    "capacity and night schedules, which the stack of the pool carries"
)


def charge_pods(bill: Bill, placement: Placement, workloads: list[Workload], floors: FloorHours) -> None:
    """Charge pods of pools that are not in the graph, by the average of their floors over the week, and say which pods
    of the graph got no nodes."""
    clusters = {each.pool.cluster for each in placement.pools}
    homeless = {(each.urn, each.name): each.reason for each in placement.undetermined}
    refused = {(each.urn, each.name): each.replicas for each in placement.misfits if each.at == "floor"}
    for workload in workloads:
        resource = bill.graph.get(workload.urn)
        if resource is None:
            continue
        payer = owner(workload.department, workload.model)
        if workload.key in refused:
            why = f"no node pool takes {refused[workload.key]} of its guaranteed replicas"
            bill.unpriced(resource, "pods", why, payer)
        elif workload.key in homeless:
            known = workload.requests is not None and workload.replicas_floor is not None
            if known and (workload.cluster not in clusters):
                _by_basis(bill, resource, workload, floors)
            else:
                bill.unpriced(resource, "pods", homeless[workload.key], payer)


def _by_basis(bill: Bill, resource: Resource, workload: Workload, floors: FloorHours) -> None:
    payer = owner(workload.department, workload.model)
    parts = (workload.price_basis or "").split("/")
    if len(parts) != 4 or parts[0] not in _CLOUDS or parts[3] not in _CAPACITIES:
        why = "its pool is in another stack and its pods say no price basis (annotation modelyard.dev/price-basis)"
        bill.unpriced(resource, "pods", why, payer)
        return
    cloud, region, type_name, capacity = parts
    price = bill.book.pool_hour(cloud, region, type_name, capacity)
    if isinstance(price, NoPrice):
        bill.unpriced(resource, "pods", price, payer)
        return
    try:
        room = allocatable(instance(cloud, region, type_name))
    except UnknownInstanceType:
        bill.unpriced(resource, "pods", f"the catalog does not know a {type_name}", payer)
        return
    each = min(Decimal(1), node_share(room, workload.requests or Requests()))
    average, most = floors.average(workload), workload.replicas_max or 0
    bill.findings.note(_NOTE)
    bill.charge(
        resource,
        f"{_count(workload, floors)} of {workload.name} on {type_name} ({capacity.replace('_', ' ')}), "
        "pool in another stack",
        payer,
        bill.hours * each * average,
        price,
        region,
        unit="node-hour",
    )
    if workload.beside:
        bill.findings.note(
            "at the maximum, a release that runs beside the pods that serve counts as many again for the whole month"
        )
        most += workload.surge(most)
    bill.growth(bill.hours * each * max(Decimal(0), most - average), price)


def _count(workload: Workload, floors: FloorHours) -> str:
    floor = workload.replicas_floor or 0
    if not floors.varies(workload):
        return f"{floor} pods"
    average = floors.average(workload).quantize(Decimal("0.01")).normalize()
    return f"{average:f} pods on average over a week ({workload.replicas_base} to {floor})"
