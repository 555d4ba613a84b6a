"""Services that stay up while a node is drained or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from modelyard.placement import workloads

from modelyard_policies.autoscaling import AUTOSCALERS
from modelyard_policies.inputs import elements, entries, read, shown, whole
from modelyard_policies.pods import kind, namespace, template
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

DISRUPTION_BUDGET: Final = "kubernetes:policy/v1:PodDisruptionBudget"
_SERVING: Final = ResourceTypes("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")


def rules() -> list[StackRule]:
    return [
        StackRule(
            "replicas-and-disruption-budget",
            "A service always has two replicas, and a disruption budget that keeps one up and still lets nodes be "
            "drained.",
            types=_SERVING | AUTOSCALERS | ResourceTypes(DISRUPTION_BUDGET),
            check=_check,
            settings={"min_replicas": {"type": "integer", "minimum": 1}},
        )
    ]


def _check(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    least = whole(config.get("min_replicas")) or 2
    floors = {workload.urn: workload.replicas_floor for workload in workloads(graph)}
    budgets = _Budgets(graph)
    for workload in graph:
        if workload.type not in _SERVING:
            continue
        floor = floors.get(workload.urn)
        if floor is not None and floor < least:
            yield Finding(
                workload.urn,
                f"the {kind(workload.type)} keeps {floor} replicas, so a lost node means no answers; keep at least "
                f"{least} "
                "(minReplicas of its autoscaler, or spec.replicas).",
            )
        budget = budgets.of(workload)
        if budget is None:
            yield Finding(
                workload.urn,
                f"no PodDisruptionBudget selects the pods of this {kind(workload.type)}, so a drain may take all of "
                "them at "
                "once; add one with maxUnavailable 1.",
            )
        elif floor is not None and _blocks(budget, floor):
            minimum, most = (read(budget.inputs, "spec", key) for key in ("minAvailable", "maxUnavailable"))
            said = f"minAvailable {shown(minimum)}" if minimum is not None else f"maxUnavailable {shown(most)}"
            yield Finding(
                budget.urn,
                f"{said} with {floor} replicas lets no pod go, so no node with one can ever be drained; set "
                "maxUnavailable 1.",
            )


class _Budgets:
    """PodDisruptionBudgets by cluster and namespace."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._by_place: dict[tuple[str | None, str, str | None], list[Resource]] = {}
        for budget in graph.of_type(DISRUPTION_BUDGET):
            labels = read(budget.inputs, "spec", "selector", "matchLabels")
            pair = next(((key, value) for key, value in entries(labels) if isinstance(value, str)), None)
            self._by_place.setdefault(self._place(budget, pair), []).append(budget)

    def of(self, workload: Resource) -> Resource | None:
        labels = dict(entries(read(template(workload.type, workload.inputs), "metadata", "labels")))
        for pair in (None, *labels.items()):
            for budget in self._by_place.get(self._place(workload, pair), ()):
                if _selects(read(budget.inputs, "spec", "selector"), labels):
                    return budget
        return None

    @staticmethod
    def _place(resource: Resource, pair: tuple[str, Any] | None) -> tuple[str | None, str, str | None]:
        where = namespace(resource.inputs)
        label = f"{pair[0]}={pair[1]}" if pair else None
        return resource.provider, where if isinstance(where, str) else "", label


def _selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    if selector is UNKNOWN:
        return True
    wanted = dict(entries(read(selector, "matchLabels")))
    if any(value is not UNKNOWN and labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_matches(expression, labels) for expression in elements(read(selector, "matchExpressions")))


def _matches(expression: Any, labels: Mapping[str, Any]) -> bool:
    key, values = read(expression, "key"), list(elements(read(expression, "values")))
    match read(expression, "operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def _blocks(budget: Resource, floor: int) -> bool:
    """Whether no pod may go while as many as the floor run; shares round up, as Kubernetes does it."""
    minimum, most = (read(budget.inputs, "spec", key) for key in ("minAvailable", "maxUnavailable"))
    if UNKNOWN in (minimum, most):
        return False
    if most is not None:
        return _count(most, floor) == 0
    return floor > 0 and _count(minimum, floor) >= floor


def _count(value: Any, replicas: int) -> int:
    if isinstance(value, str) and value.endswith("%"):
        return ceil((whole(value[:-1]) or 0) * replicas / 100)
    return whole(value) or 0
