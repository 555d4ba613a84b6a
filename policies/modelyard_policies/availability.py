"""Services that stay up while a node is drained or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from modelyard.placement import Workload, workloads
from modelyard.placement.flagger import CANARY
from modelyard.placement.workload import TRACK

from modelyard_policies.autoscaling import AUTOSCALERS
from modelyard_policies.inputs import elements, entries, read, shown, whole
from modelyard_policies.pods import CONTROLLED, RUNTIMES, kind, namespace, stands_by
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

DISRUPTION_BUDGET: Final = "kubernetes:policy/v1:PodDisruptionBudget"
_SERVING: Final = CONTROLLED | ResourceTypes("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
_SEEN: Final = _SERVING | AUTOSCALERS | RUNTIMES | ResourceTypes(CANARY)


def rules() -> list[StackRule]:
    return [
        StackRule(
            "replicas-and-disruption-budget",
            "A service always has two replicas, and a disruption budget that keeps one up and still lets nodes be "
            "drained.",
            types=_SEEN | ResourceTypes(DISRUPTION_BUDGET),
            check=_check,
            settings={"min_replicas": {"type": "integer", "minimum": 1}},
        ),
        StackRule(
            "model-may-sleep",
            "Whoever lets a model sleep knows that its first caller is refused and waits for a start.",
            types=_SEEN,
            check=_asleep,
        ),
    ]


def _check(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    least = whole(config.get("min_replicas")) or 2
    budgets = _Budgets(graph)
    for workload, title in _served(graph):
        floor = workload.replicas_floor
        # Of a canary one replica is enough: its share of the callers is taken back by one line.
        enough = 1 if workload.labels.get(TRACK) == "canary" else least
        if floor is not None and floor < enough and not (floor == 0 and workload.may_sleep):
            yield Finding(
                workload.urn,
                f"the {title} keeps {floor} replicas, so a lost node means no answers; keep at least "
                f"{enough} "
                "(minReplicas of its autoscaler, or spec.replicas).",
            )
        elif floor and workload.replicas_base == 0 and not workload.wakes:
            yield Finding(
                workload.urn,
                f"the {title} has no replica outside of the hours that its autoscaler names, and nothing wakes it "
                "then; add a trigger that counts requests at the gateway, or keep a replica.",
            )
        budget = budgets.of(workload, graph.get(workload.urn))
        if budget is None:
            yield Finding(
                workload.urn,
                f"no PodDisruptionBudget selects the pods of this {title}, so a drain may take all of "
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


def _asleep(graph: ResourceGraph, _: Mapping[str, Any]) -> Iterator[Finding]:
    for workload, title in _served(graph):
        if workload.may_sleep:
            when = "outside of its windows" if workload.windows else "while nobody asks"
            yield Finding(
                workload.urn,
                f"the {title} has no replica {when}: the request that wakes it is not answered until a pod has "
                "started, which takes minutes; keep a replica where callers cannot wait.",
            )


def _served(graph: ResourceGraph) -> Iterator[tuple[Workload, str]]:
    """The workloads that serve, and what they are called in messages."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for workload in workloads(graph):
        resource = graph.get(workload.urn)
        # Two revisions of a service are told once.
        pods = workload.urn, tuple(workload.labels.values())
        if resource is None or resource.type not in _SERVING or pods in seen or stands_by(workload.labels):
            continue
        seen.add(pods)
        made_by = kind(resource.type)
        many = made_by == "InferenceService"
        yield workload, f"{made_by} ({workload.name})" if many else made_by


class _Budgets:
    """PodDisruptionBudgets by cluster and namespace."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._by_place: dict[tuple[str | None, str, str | None], list[Resource]] = {}
        for budget in graph.of_type(DISRUPTION_BUDGET):
            labels = read(budget.inputs, "spec", "selector", "matchLabels")
            pair = next(((key, value) for key, value in entries(labels) if isinstance(value, str)), None)
            self._by_place.setdefault(self._place(budget, pair), []).append(budget)

    def of(self, workload: Workload, resource: Resource | None) -> Resource | None:
        if resource is None:
            return None
        for pair in (None, *workload.labels.items()):
            for budget in self._by_place.get(self._place(resource, pair), ()):
                if _selects(read(budget.inputs, "spec", "selector"), workload.labels):
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
