"""Node pools of every cloud: machine hours and disks of the nodes, split among those whose pods run there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from modelyard.cost.allocation import split
from modelyard.cost.bill import Bill
from modelyard.cost.charge import Owner
from modelyard.cost.floor_hours import FloorHours
from modelyard.cost.node_disks import node_class, node_disks
from modelyard.cost.owner import owner, owner_of
from modelyard.cost.price import NoPrice, Price
from modelyard.cost.schedule import Period, UnpricedSchedule, periods
from modelyard.graph import Resource
from modelyard.placement import FloorNodes, Floors, Placement, PoolPlacement, Workload
from modelyard.placement.aks_agent_pool import AGENT_POOL, MANAGED_CLUSTER
from modelyard.placement.eks_node_group import NODE_GROUP, launch_template, schedules_of
from modelyard.placement.gke_compute_class import COMPUTE_CLASS
from modelyard.placement.gke_node_pool import CLUSTER as GKE_CLUSTER
from modelyard.placement.gke_node_pool import NODE_POOL as GKE_NODE_POOL
from modelyard.placement.karpenter_node_pool import NODE_POOL as KARPENTER_NODE_POOL
from modelyard.placement.pool import Pool
from modelyard.placement.reading import at, items, mapping, text
from modelyard.placement.region import cloud_of

NODE_POOLS = (NODE_GROUP, KARPENTER_NODE_POOL, GKE_NODE_POOL, GKE_CLUSTER, COMPUTE_CLASS, AGENT_POOL, MANAGED_CLUSTER)
"""Types whose nodes are priced here."""
DETAILED_METRIC = "custom metric, first tier (first 10000)"
METRICS_PER_INSTANCE = Decimal(7)
"""The example of https://aws.amazon.com/cloudwatch/pricing/ counts seven metrics an instance."""
_NODE_HOUR = "node-hour"
_SHARE_OF_AN_HOUR = Decimal("1e-12")
"""Thirds and sevenths of hours leave dust in the last digit; it is no idle capacity."""
_SYSTEM_TAINT = "CriticalAddonsOnly"
_COUNTS = ("scalingConfig", "scalingConfig.desiredSize", "initialNodeCount", "nodeCount", "count")
_AUTO_MODE = "eks.amazonaws.com"


def charge_node_groups(bill: Bill, placement: Placement, workloads: list[Workload], floors: FloorHours) -> None:
    """Charge the nodes of every pool of the graph.

    Nodes that run are the declared first size or what the guaranteed replicas need, whichever is more, within the
    largest; a schedule sets both by the hour. Where replicas are guaranteed at some hours only, nodes that an
    autoscaler owns follow them; of other pools the nodes stay, and idle. Karpenter has no node but those that pods
    need.
    """
    hourly = _Hourly(bill, floors)
    annotated: dict[tuple[str | None, str | None], list[Workload]] = {}
    for workload in workloads:
        annotated.setdefault((workload.cluster, workload.pool), []).append(workload)
    for placed in placement.pools:
        resource = bill.graph.get(placed.pool.urn)
        if resource is not None and resource.type in NODE_POOLS:
            interested = annotated.get((placed.pool.cluster, placed.pool.name), [])
            _charge(bill, resource, placed, interested, hourly)


def _charge(bill: Bill, resource: Resource, placed: PoolPlacement, interested: list[Workload], hourly: _Hourly) -> None:
    pool = placed.pool
    cloud = "gcp" if resource.type == COMPUTE_CLASS else cloud_of(resource)
    price = bill.book.pool_hour(cloud, pool.region, pool.instance_type, _capacity(resource, pool))
    if isinstance(price, NoPrice):
        _unpriced(bill, resource, _nodes_of(pool), price, interested)
        return
    if pool.room is None or placed.nodes_needed_at_floor is None:
        reason = f"the catalog does not know a {pool.instance_type}"
        _unpriced(bill, resource, _nodes_of(pool), reason, interested)
        return
    if resource.type == COMPUTE_CLASS:
        _note_class(bill, resource, pool)
    if resource.type in (KARPENTER_NODE_POOL, COMPUTE_CLASS) and pool.max_size is None:
        bill.findings.note(f"pool {pool.name} has no limit of nodes, so the maximum counts those of its floors alone")
        placed = replace(placed, pool=replace(pool, max_size=placed.nodes_needed_at_floor))
    try:
        week = periods(placed.pool, schedules_of(resource, bill.graph), hourly.of(pool))
    except UnpricedSchedule as error:
        _unpriced(bill, resource, _nodes_of(pool), str(error), interested)
        return
    hours = _node_hours(bill, resource, placed, week, hourly)
    bill.count_nodes(cloud, pool.region, hours.total)
    capacity = pool.capacity.replace("_", " ")
    label = f"pool {pool.name} ({pool.instance_type}, {capacity})"
    _split_charges(bill, resource, placed, hours, price, Decimal(1), _NODE_HOUR, label)
    _monitoring(bill, resource, placed, hours, interested)
    _management(bill, resource, placed, hours, interested)
    for disk in node_disks(bill, resource, pool):
        item = disk.item
        cost = bill.book.service(pool.region, item.service, item.sku, item.unit, cloud=item.cloud)
        kind = "root volumes" if cloud == "aws" else "disks"
        what = f"{kind} of pool {pool.name} ({disk.what} a node)"
        if isinstance(cost, NoPrice):
            _unpriced(bill, resource, what, cost, interested)
        else:
            _split_charges(bill, resource, placed, hours, cost, disk.quantity / bill.hours, item.unit, what)


def _note_class(bill: Bill, resource: Resource, pool: Pool) -> None:
    """Which machine is counted where GKE may take several."""
    _, *others = items(at(resource.inputs, "spec", "priorities"))
    named = [text(mapping(each).get("machineType")) or "another machine" for each in others]
    if named:
        bill.findings.note(
            f"the ComputeClass {pool.name} is counted as its first machine, {pool.instance_type}; where GKE has none "
            f"it takes {', '.join(named)}"
        )


def _management(
    bill: Bill, resource: Resource, placed: PoolPlacement, hours: _NodeHours, interested: list[Workload]
) -> None:
    """EKS Auto Mode asks a fee for every instance that it manages, by its type."""
    if at(resource.inputs, "spec", "template", "spec", "nodeClassRef", "group") != _AUTO_MODE:
        return
    pool = placed.pool
    what = f"management fee of EKS Auto Mode, pool {pool.name}"
    price = bill.book.service(pool.region, "EKS Auto Mode", pool.instance_type or "", "hour")
    if isinstance(price, NoPrice):
        _unpriced(bill, resource, what, price, interested)
    else:
        _split_charges(bill, resource, placed, hours, price, Decimal(1), _NODE_HOUR, what)


def _capacity(resource: Resource, pool: Pool) -> str:
    """How its machines are bought. A capacity block is the reservation of a managed node group that has a price of its
    own, and the group names it."""
    is_block = resource.type == NODE_GROUP and resource.inputs.get("capacityType") == "CAPACITY_BLOCK"
    return "block" if is_block else pool.capacity


def _nodes_of(pool: Pool) -> str:
    return f"nodes of pool {pool.name}" if pool.beside_others else "nodes"


def _monitoring(
    bill: Bill, resource: Resource, placed: PoolPlacement, hours: _NodeHours, interested: list[Workload]
) -> None:
    """Detailed monitoring of the nodes, billed as metrics of their own."""
    if not _monitored(bill, resource):
        return
    what = f"detailed monitoring of pool {placed.pool.name}"
    price = bill.book.service(placed.pool.region, "CloudWatch", DETAILED_METRIC, "metric-month")
    if isinstance(price, NoPrice):
        _unpriced(bill, resource, what, price, interested)
        return
    bill.findings.note(f"detailed monitoring sends {METRICS_PER_INSTANCE} metrics an instance")
    each = METRICS_PER_INSTANCE / bill.hours
    _split_charges(bill, resource, placed, hours, price, each, "metric-month", what)


def _monitored(bill: Bill, resource: Resource) -> bool:
    if resource.type == KARPENTER_NODE_POOL:
        return node_class(bill, resource).get("detailedMonitoring") is True
    template = launch_template(resource, bill.graph) if resource.type == NODE_GROUP else None
    return template is not None and at(template.inputs, "monitoring", "enabled") is True


@dataclass(frozen=True, slots=True)
class _NodeHours:
    """Node hours of a month by who requests them."""

    owned: Mapping[Owner, Decimal]
    rest: Decimal
    at_max: Decimal
    """All nodes' hours when the node autoscaler is at its maximum."""

    @property
    def total(self) -> Decimal:
        return sum(self.owned.values(), self.rest)


class _Hourly:
    """What the pools need at the floors of each hour; placed once for every set of floors that there is, and with the
    workloads alone that bear on a pool."""

    def __init__(self, bill: Bill, floors: FloorHours) -> None:
        self._floors = floors
        self._placed = Floors(bill.graph) if floors.vary else None
        self._found: dict[Any, FloorNodes] = {}

    def of(self, pool: Pool) -> FloorHours:
        return self._floors if self._placed is None else self._floors.among(self._placed.bearing_on(pool.urn))

    def at(self, placed: PoolPlacement, period: Period) -> FloorNodes:
        wanted = placed.pool.urn, period.replicas
        if self._placed is not None and wanted not in self._found:
            found = self._placed.at(placed.pool.urn, dict(period.replicas))
            self._found |= {(urn, period.replicas): nodes for urn, nodes in found.items()}
        return self._found.get(wanted) or FloorNodes(placed.nodes_needed_at_floor or 0, placed.residents)


def _node_hours(
    bill: Bill, resource: Resource, placed: PoolPlacement, week: list[Period], hourly: _Hourly
) -> _NodeHours:
    room, highest = placed.pool.room, placed.nodes_needed_at_floor or 0
    dedicated = owner_of(resource, bill.graph).department
    follows = _followed(resource)
    scheduled = len({(period.desired_size, period.max_size) for period in week}) > 1
    owned: dict[Owner, Decimal] = {}
    rest = at_max = Decimal(0)
    for period in week:
        hours = bill.hours * period.share
        guaranteed = hourly.at(placed, period)
        needed = guaranteed.nodes if follows else highest
        nodes = min(max(period.desired_size, needed), max(period.max_size, period.desired_size))
        if nodes and not period.desired_size and scheduled:
            bill.findings.note(
                f"pool {placed.pool.name}: a schedule asks for no nodes, but guaranteed replicas need {needed} and "
                f"its maxSize allows them; {nodes} are counted"
            )
        at_max += hours * max(period.max_size, nodes)
        if room is None or not nodes:
            continue
        parts = split(room, nodes, guaranteed.residents)
        for payer, share in parts.shares.items():
            if dedicated and payer.department != dedicated:
                payer = Owner(dedicated)
            owned[payer] = owned.get(payer, Decimal(0)) + hours * nodes * share
        if dedicated:
            payer = Owner(dedicated)
            owned[payer] = owned.get(payer, Decimal(0)) + hours * nodes * parts.rest
        else:
            rest += hours * nodes * parts.rest
    if any(hourly.at(placed, period).nodes != highest for period in week):
        _note_following(bill, placed, follows=follows)
    return _NodeHours(owned, rest.quantize(_SHARE_OF_AN_HOUR), at_max)


def _followed(resource: Resource) -> bool:
    """Whether a node autoscaler owns the number of nodes: the program then leaves the first size alone."""
    if resource.type == KARPENTER_NODE_POOL:
        return at(resource.inputs, "spec", "replicas") is None
    if resource.type == COMPUTE_CLASS:
        return True
    if resource.type == MANAGED_CLUSTER:
        profiles = [mapping(each) for each in items(resource.inputs.get("agentPoolProfiles"))]
        return any(each.get("enableAutoScaling") is True for each in profiles)
    if resource.type == AGENT_POOL:
        return resource.inputs.get("enableAutoScaling") is True
    return any(path in _COUNTS for path in resource.ignore_changes)


def _note_following(bill: Bill, placed: PoolPlacement, *, follows: bool) -> None:
    pool = placed.pool.name
    if follows:
        bill.findings.note(
            f"pool {pool}: its nodes follow the hours in which replicas are guaranteed; the minutes that an autoscaler "
            "takes to bring and to take away a node are not counted"
        )
    else:
        bill.findings.note(
            f"pool {pool}: no autoscaler owns its nodes, so those of the hour that guarantees most replicas are "
            "counted for the whole week"
        )


def _split_charges(
    bill: Bill,
    resource: Resource,
    placed: PoolPlacement,
    hours: _NodeHours,
    price: Price,
    each: Decimal,
    unit: str,
    what: str,
) -> None:
    """Charge ``each`` units for a node hour, to everyone by their hours; what nobody requests is idle."""
    region = placed.pool.region
    for payer, owned in hours.owned.items():
        if owned:
            words = f"{what}: requested by {_named(payer)}"
            bill.charge(resource, words, payer, owned * each, price, region, unit=unit)
    bill.growth(max(Decimal(0), hours.at_max - hours.total) * each, price)
    nothing_runs = not hours.owned and unit == _NODE_HOUR
    if hours.rest or nothing_runs:
        system = _is_system(placed)
        words = f"{what}: {'system' if system else 'idle'}"
        bill.charge(resource, words, Owner(), hours.rest * each, price, region, idle=not system, unit=unit)


def _is_system(placed: PoolPlacement) -> bool:
    """A pool for the platform's own pods: without GPUs, and named or tainted so, or without any department's pods."""
    pool = placed.pool
    if pool.instance is not None and pool.instance.accelerator_count:
        return False
    if pool.name == "system" or any(taint.key == _SYSTEM_TAINT for taint in pool.taints):
        return True
    return not any(owner(each.workload.department, None).department for each in placed.residents)


def _unpriced(bill: Bill, resource: Resource, what: str, why: str | NoPrice, interested: list[Workload]) -> None:
    """Unpriced for the pool's owner, and for each department with pods that are to run there."""
    bill.unpriced(resource, what, why)
    departments = {owner(workload.department, None).department for workload in interested}
    for department in sorted(each for each in departments if each):
        if department != owner_of(resource, bill.graph).department:
            bill.unpriced(resource, what, why, Owner(department))


def _named(payer: Owner) -> str:
    return " / ".join(part for part in (payer.department, payer.model) if part) or "the platform"
