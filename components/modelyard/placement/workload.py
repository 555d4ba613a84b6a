"""Workloads: what pods a recorded program asks the scheduler for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.quantity import mebibytes, millicores, quantity
from modelyard.placement.reading import at, items, mapping, text, texts, whole

CLUSTER = "modelyard.dev/cluster"
POOL = "modelyard.dev/pool"
PRICE_BASIS = "modelyard.dev/price-basis"
DEPARTMENT = "modelyard.dev/department"
MODEL = "modelyard.dev/model"

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_REPLICATED = (_DEPLOYMENT, "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:ReplicaSet")
_SINGLE = ("kubernetes:core/v1:Pod",)
_AUTOSCALERS = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
)
_KEDA = "kubernetes:keda.sh/v1alpha1:ScaledObject"


@dataclass(frozen=True, slots=True)
class Requests:
    """What one pod asks of its node."""

    cpu_millicores: int = 0
    memory_mib: int = 0
    gpus: int = 0

    def __add__(self, other: Requests) -> Requests:
        return Requests(
            self.cpu_millicores + other.cpu_millicores,
            self.memory_mib + other.memory_mib,
            self.gpus + other.gpus,
        )

    def times(self, replicas: int) -> Requests:
        return Requests(self.cpu_millicores * replicas, self.memory_mib * replicas, self.gpus * replicas)


@dataclass(frozen=True, slots=True)
class Workload:
    """The pods of one Deployment, StatefulSet, ReplicaSet or Pod."""

    urn: str
    name: str
    namespace: str
    cluster: str | None
    """The cluster that the pod template's annotation names, or None."""
    pool: str | None
    """The pool on which the guaranteed replicas run, by the same means."""
    price_basis: str | None
    """``aws/<region>/<instance type>/<on_demand|spot>`` of that pool's first instance type."""
    department: str | None
    model: str | None
    replicas_floor: int | None
    """Replicas that always run; None where the program does not know it yet."""
    replicas_max: int | None
    max_surge: int | str
    """Pods that a rollout may add: a number, or a share of the replicas (``25%``) that rounds up."""
    max_unavailable: int | str
    """Pods that a rollout may take away before new ones run; a share rounds down."""
    requests: Requests | None
    """None where a request is not known yet."""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    required_terms: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    """Node affinity that must hold: any of the terms, each all of its expressions."""
    preferred_terms: tuple[tuple[int, tuple[Mapping[str, Any], ...]], ...] = ()
    tolerations: tuple[Mapping[str, Any], ...] = ()

    def surge(self, replicas: int) -> int:
        """Pods that a rollout adds to this many replicas."""
        return _share(self.max_surge, replicas, up=True)

    def waits_for_surge(self, replicas: int) -> bool:
        """Whether a rollout takes no pod away before a new one runs, and so cannot go on without room."""
        return replicas > 0 and _share(self.max_unavailable, replicas, up=False) == 0


def workloads(graph: ResourceGraph) -> list[Workload]:
    """Every workload of the graph, in registration order.

    The floor of replicas is the autoscaler's ``minReplicas`` where one targets the workload (default 1; a KEDA
    ScaledObject's ``minReplicaCount``, default 0), else ``spec.replicas`` (default 1).
    """
    targets = _autoscaler_targets(graph)
    found = []
    for resource in graph:
        if resource.type in _REPLICATED:
            found.append(_replicated(resource, targets))
        elif resource.type in _SINGLE:
            template = {"metadata": resource.inputs.get("metadata"), "spec": resource.inputs.get("spec")}
            found.append(_workload(resource, template, 1, 1, max_surge=0, max_unavailable=1))
    return found


def _replicated(resource: Resource, targets: _Targets) -> Workload:
    spec = resource.inputs.get("spec")
    declared = mapping(spec).get("replicas", 1)
    bounds = targets.bounds_of(resource)
    least, most = bounds if bounds else (whole(declared), whole(declared))
    max_surge: int | str = 0
    max_unavailable: int | str = 1
    if resource.type == _DEPLOYMENT and at(spec, "strategy", "type") != "Recreate":
        rolling = mapping(at(spec, "strategy", "rollingUpdate"))
        max_surge = _count_or_share(rolling.get("maxSurge"))
        max_unavailable = _count_or_share(rolling.get("maxUnavailable"))
    template = mapping(at(spec, "template"))
    return _workload(resource, template, least, most, max_surge=max_surge, max_unavailable=max_unavailable)


def _workload(
    resource: Resource,
    template: Mapping[str, Any],
    least: int | None,
    most: int | None,
    *,
    max_surge: int | str,
    max_unavailable: int | str,
) -> Workload:
    own = texts(at(resource.inputs, "metadata", "labels"))
    labels = {**own, **texts(at(template, "metadata", "labels"))}
    annotations = texts(at(template, "metadata", "annotations"))
    spec = mapping(template.get("spec"))
    affinity = mapping(at(spec, "affinity", "nodeAffinity"))
    required = at(affinity, "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    preferred = affinity.get("preferredDuringSchedulingIgnoredDuringExecution")
    return Workload(
        urn=resource.urn,
        name=text(at(resource.inputs, "metadata", "name")) or resource.name,
        namespace=_namespace(resource),
        cluster=annotations.get(CLUSTER),
        pool=annotations.get(POOL),
        price_basis=annotations.get(PRICE_BASIS),
        department=labels.get(DEPARTMENT),
        model=labels.get(MODEL),
        replicas_floor=least,
        replicas_max=most if most is None or least is None else max(most, least),
        max_surge=max_surge,
        max_unavailable=max_unavailable,
        requests=pod_requests(spec),
        node_selector=texts(spec.get("nodeSelector")),
        required_terms=tuple(_expressions(term) for term in items(required)),
        preferred_terms=tuple(
            (whole(mapping(each).get("weight")) or 0, _expressions(mapping(each).get("preference")))
            for each in items(preferred)
        ),
        tolerations=tuple(mapping(each) for each in items(spec.get("tolerations"))),
    )


def pod_requests(spec: Mapping[str, Any]) -> Requests | None:
    """What a pod with this spec asks for: its containers together, or its largest init container if that is more.

    A container without a request asks for its limit, as the API server fills it in. None: an amount is not known.
    """
    total = Requests()
    before = Requests()
    for container in items(spec.get("initContainers")):
        asked = _container_requests(mapping(container))
        if asked is None:
            return None
        if mapping(container).get("restartPolicy") == "Always":
            total = total + asked
        else:
            before = Requests(
                max(before.cpu_millicores, asked.cpu_millicores),
                max(before.memory_mib, asked.memory_mib),
                max(before.gpus, asked.gpus),
            )
    for container in items(spec.get("containers")):
        asked = _container_requests(mapping(container))
        if asked is None:
            return None
        total = total + asked
    return Requests(
        max(total.cpu_millicores, before.cpu_millicores),
        max(total.memory_mib, before.memory_mib),
        max(total.gpus, before.gpus),
    )


def _container_requests(container: Mapping[str, Any]) -> Requests | None:
    limits = mapping(at(container, "resources", "limits"))
    asked = {**limits, **mapping(at(container, "resources", "requests"))}
    cpu, memory = millicores(asked.get("cpu", 0)), mebibytes(asked.get("memory", 0))
    gpus = quantity(asked.get("nvidia.com/gpu", 0))
    if cpu is None or memory is None or gpus is None:
        return None
    return Requests(cpu, memory, ceil(gpus))


def _expressions(term: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(mapping(each) for each in items(mapping(term).get("matchExpressions")))


def _count_or_share(value: Any) -> int | str:
    """Kubernetes' own default of 25 % stands in for an absent or unknown value."""
    number = whole(value)
    return number if number is not None else text(value) or "25%"


def _share(value: int | str, replicas: int, *, up: bool) -> int:
    if isinstance(value, str) and value.endswith("%"):
        percent = whole(value[:-1]) or 0
        exact = replicas * percent / 100
        return ceil(exact) if up else floor(exact)
    return whole(value) or 0


def _namespace(resource: Resource) -> str:
    return text(at(resource.inputs, "metadata", "namespace")) or "default"


class _Targets:
    """Bounds of replicas that autoscalers set, found by the target's name or, failing that, by dependency."""

    def __init__(self) -> None:
        self._by_name: dict[tuple[str | None, str, str, str], tuple[int | None, int | None]] = {}
        self._by_urn: dict[str, tuple[int | None, int | None]] = {}

    def add(self, scaler: Resource, bounds: tuple[int | None, int | None]) -> None:
        target = at(scaler.inputs, "spec", "scaleTargetRef")
        name = text(at(target, "name"))
        if name:
            kind = text(at(target, "kind")) or "Deployment"
            self._by_name[scaler.provider, _namespace(scaler), kind, name] = bounds
            return
        for urn in _depends_on(scaler):
            self._by_urn[urn] = bounds

    def bounds_of(self, resource: Resource) -> tuple[int | None, int | None] | None:
        kind = resource.type.rpartition(":")[2]
        name = text(at(resource.inputs, "metadata", "name"))
        by_name = self._by_name.get((resource.provider, _namespace(resource), kind, name)) if name else None
        return by_name or self._by_urn.get(resource.urn)


def _autoscaler_targets(graph: ResourceGraph) -> _Targets:
    targets = _Targets()
    for scaler in graph.of_type(*_AUTOSCALERS):
        spec = mapping(scaler.inputs.get("spec"))
        targets.add(scaler, (whole(spec.get("minReplicas", 1)), whole(spec.get("maxReplicas"))))
    for scaler in graph.of_type(_KEDA):
        spec = mapping(scaler.inputs.get("spec"))
        targets.add(scaler, (_keda_floor(spec), whole(spec.get("maxReplicaCount", 100))))
    return targets


def _keda_floor(spec: Mapping[str, Any]) -> int | None:
    """Replicas that are there at some hour of the week at least: windows raise the number."""
    floors = [whole(spec.get("minReplicaCount", 0))]
    for trigger in items(spec.get("triggers")):
        if text(at(trigger, "type")) == "cron":
            floors.append(whole(at(trigger, "metadata", "desiredReplicas")))
    known = [floor for floor in floors if floor is not None]
    return max(known) if len(known) == len(floors) else None


def _depends_on(resource: Resource) -> Iterable[str]:
    return {*resource.dependencies, *resource.property_dependencies.get("spec", ())}
