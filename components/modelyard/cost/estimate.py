"""The estimate: monthly dollars of a resource graph, by department, shared and idle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modelyard.cost.assumptions import Assumptions
from modelyard.cost.bill import Bill
from modelyard.cost.cents import apportion, rounded
from modelyard.cost.charge import Charge, Findings, Kind, Unpriced
from modelyard.cost.floor_hours import FloorHours
from modelyard.cost.node_group import charge_node_groups
from modelyard.cost.pod import charge_pods
from modelyard.cost.price import NO_REGION, PriceBook
from modelyard.cost.rules import apply_rules
from modelyard.cost.schedule import schedule_zones
from modelyard.graph import ResourceGraph
from modelyard.placement import Workload, place, workloads
from modelyard.placement.aks_agent_pool import MANAGED_CLUSTER
from modelyard.placement.eks_node_group import SCHEDULE, node_group_of
from modelyard.placement.gke_node_pool import CLUSTER as GKE_CLUSTER

CURRENCY = "USD"
_NOT_ESTIMATED = (
    "not estimated: requests to KMS, S3, ECR and Secrets Manager, and data transfer between zones, between regions "
    "and to the internet"
)
_CLUSTERS = (GKE_CLUSTER, MANAGED_CLUSTER)
_NOT_ESTIMATED_ELSEWHERE = (
    "not estimated on Google Cloud and Azure: requests to stores, registries and keys, and data transfer between zones "
    "and regions and to the internet"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One priced item, in whole cents a month."""

    urn: str
    what: str
    department: str | None
    model: str | None
    kind: Kind
    quantity: Decimal
    unit: str
    unit_usd: Decimal
    usd: Decimal
    region: str | None
    source: str
    source_date: str
    assumed: str | None
    """What was assumed of price or quantity; None: nothing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Monthly list-price dollars, no tax and no discount. All amounts are whole cents that add up.

    ``total`` is the sum of ``departments``, ``shared`` and ``idle``, and of ``lines``.
    """

    currency: str
    total: Decimal
    departments: dict[str, Decimal]
    shared: Decimal
    """The platform's own: control planes, network, system pools, what carries no department."""
    idle: Decimal
    """Node capacity that runs and that nobody requests."""
    models: dict[tuple[str, str], Decimal]
    """By department and model, a part of the department's dollars."""
    lines: list[Line]
    unpriced: list[Unpriced]
    assumptions: list[str]
    """What was assumed, in words; only what was used."""
    priced_share: dict[str, float]
    """``resources``: billable resources with at least one price; ``fixed``: the same, those left out that cost by use
    alone and whose use nobody declared; ``dollars``: dollars that rest on a sourced price."""
    at_max: Decimal
    """The total when every autoscaler is at its maximum."""

    def to_json(self) -> dict[str, Any]:
        """As the plan document holds it (``costs``)."""
        return {
            "currency": self.currency,
            "monthly": {
                "total": float(self.total),
                "departments": {name: float(usd) for name, usd in self.departments.items()},
                "shared": float(self.shared),
                "idle": float(self.idle),
            },
            "models": [
                {"department": department, "model": model, "usd": float(usd)}
                for (department, model), usd in self.models.items()
            ],
            "at_max": float(self.at_max),
            "unpriced": [
                {
                    "urn": each.urn,
                    "type": each.type,
                    "what": each.what,
                    "reason": each.reason,
                    "department": each.department,
                    "declare": [remedy.to_json() for remedy in each.remedies],
                }
                for each in self.unpriced
            ],
            "assumptions": list(self.assumptions),
            "priced_share": dict(self.priced_share),
            "lines": [_line_json(line) for line in self.lines],
        }


def estimate(graph: ResourceGraph, assumptions: Assumptions | None = None) -> Estimate:
    """Price every resource of the graph.

    A pure function of the list of resources: no network, no clock. What has no price is in ``unpriced``, never zero.

    Args:
        graph: one stack, or all stacks of an environment as one graph. Pods are split over the node groups they run
            on where those are in the graph; otherwise their own price basis is taken, and the estimate says so.
        assumptions: what a plan cannot know; by default nothing is assumed but 730 hours a month.
    """
    bill = Bill(graph, PriceBook(assumptions or Assumptions()))
    bill.findings.note(f"a month has {bill.hours:f} hours")
    found = workloads(graph)
    placement = place(graph)
    floors = FloorHours(found, schedule_zones(graph))
    charge_node_groups(bill, placement, found, floors)
    charge_pods(bill, placement, found, floors)
    _note_hours(bill, found, floors)
    for resource in graph:
        apply_rules(bill, resource)
    if any(resource.type.startswith("aws:") for resource in graph):
        bill.findings.note(_NOT_ESTIMATED)
    if graph.of_type(*_CLUSTERS):
        bill.findings.note(_NOT_ESTIMATED_ELSEWHERE)
    for schedule in graph.of_type(SCHEDULE):
        if node_group_of(schedule, graph) is None:
            bill.findings.note(f"schedule {schedule.name} belongs to no node group of this graph and changes no hours")
    return _rounded(bill.findings)


def _note_hours(bill: Bill, found: list[Workload], floors: FloorHours) -> None:
    for problem in floors.problems:
        bill.findings.note(problem)
    if floors.vary:
        zones = "; in UTC, as they are in winter, since they name different time zones" if floors.in_utc else ""
        bill.findings.note(f"replicas that are guaranteed at some hours are priced by their hours of a week{zones}")
    asleep = sorted({workload.model or workload.name for workload in found if workload.may_sleep})
    if asleep:
        bill.findings.note(
            f"models that may sleep are priced with no replica outside of their windows: {', '.join(asleep)}; the "
            "hours for which requests wake them come on top"
        )


def _rounded(findings: Findings) -> Estimate:
    """Round from the top down, so that each level adds up to the one above and none moves by a cent or more."""
    charges = findings.charges
    by_group = _grouped(charges, lambda charge: (charge.kind, charge.owner.department))
    total = rounded(_sum(charges))
    group_usd = dict(zip(by_group, apportion(total, [_sum(each) for each in by_group.values()]), strict=True))
    models: dict[tuple[str, str], Decimal] = {}
    usd: dict[int, Decimal] = {}
    for group, members in by_group.items():
        by_model = _grouped(members, lambda charge: charge.owner.model)
        parts = apportion(group_usd[group], [_sum(each) for each in by_model.values()])
        for (model, own), part in zip(by_model.items(), parts, strict=True):
            if model is not None and group[1] is not None:
                models[group[1], model] = part
            usd.update(zip(map(id, own), apportion(part, [each.usd for each in own]), strict=True))
    return Estimate(
        currency=CURRENCY,
        total=total,
        departments={name: usd for (kind, name), usd in sorted(group_usd.items(), key=str) if name is not None},
        shared=group_usd.get(("shared", None), Decimal("0.00")),
        idle=group_usd.get(("idle", None), Decimal("0.00")),
        models=dict(sorted(models.items())),
        lines=[_line(charge, usd[id(charge)]) for charge in charges],
        unpriced=list(findings.unpriced),
        assumptions=_said_once(findings.notes),
        priced_share=_priced_share(findings),
        at_max=rounded(_sum(charges) + findings.growth_usd),
    )


def _said_once(notes: list[str]) -> list[str]:
    """Prices whose sources name no region are one sentence, where the first of them stood."""
    unsure = [note for note in notes if note.endswith(NO_REGION)]
    if len(unsure) < 2:
        return list(notes)
    names = [note.removeprefix("price of ").removesuffix(NO_REGION) for note in unsure]
    sentence = f"prices of {', '.join(names[:-1])} and {names[-1]}: their sources do not say which region they mean"
    return [sentence if note == unsure[0] else note for note in notes if note == unsure[0] or note not in unsure]


def _grouped(charges: Iterable[Charge], key: Any) -> dict[Any, list[Charge]]:
    found: dict[Any, list[Charge]] = {}
    for charge in charges:
        found.setdefault(key(charge), []).append(charge)
    return found


def _sum(charges: Iterable[Charge]) -> Decimal:
    return sum((charge.usd for charge in charges), Decimal(0))


def _priced_share(findings: Findings) -> dict[str, float]:
    priced = {charge.urn for charge in findings.charges}
    by_use = {each.urn for each in findings.unpriced if any(remedy.by_use for remedy in each.remedies)}
    otherwise = {each.urn for each in findings.unpriced if not any(remedy.by_use for remedy in each.remedies)}
    fixed = findings.billable - (by_use - otherwise - priced)
    dollars = _sum(findings.charges)
    sourced = _sum(charge for charge in findings.charges if charge.sourced)
    return {
        "resources": round(len(priced) / len(findings.billable), 4) if findings.billable else 1.0,
        "fixed": round(len(priced) / len(fixed), 4) if fixed else 1.0,
        "dollars": round(float(sourced / dollars), 4) if dollars else 1.0,
    }


def _line(charge: Charge, usd: Decimal) -> Line:
    return Line(
        urn=charge.urn,
        what=charge.what,
        department=charge.owner.department,
        model=charge.owner.model,
        kind=charge.kind,
        quantity=charge.quantity,
        unit=charge.unit,
        unit_usd=charge.unit_usd,
        usd=usd,
        region=charge.region,
        source=charge.source,
        source_date=charge.source_date,
        assumed=charge.assumed,
    )


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "urn": line.urn,
        "what": line.what,
        "department": line.department,
        "model": line.model,
        "kind": line.kind,
        "quantity": round(float(line.quantity), 4),
        "unit": line.unit,
        "unit_usd": float(line.unit_usd),
        "usd": float(line.usd),
        "region": line.region,
        "source": line.source,
        "source_date": line.source_date,
        "assumed": line.assumed,
    }
