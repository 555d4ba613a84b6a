"""Workloads: what pods a recorded program asks the scheduler for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil, floor
from typing import Any

from modelyard.graph import Resource
from modelyard.placement.claims import Claims
from modelyard.placement.injected import injected_requests
from modelyard.placement.reading import at, items, mapping, text, texts, whole
from modelyard.placement.replicas import Change, Replicas, Window, namespace
from modelyard.placement.requests import Requests, pod_requests

CLUSTER = "modelyard.dev/cluster"
POOL = "modelyard.dev/pool"
PRICE_BASIS = "modelyard.dev/price-basis"
DEPARTMENT = "modelyard.dev/department"
MODEL = "modelyard.dev/model"
GPU_MEMORY = "modelyard.dev/gpu-memory-mib"
"""Annotation: what the model takes on each GPU that it asks for."""
TRACK = "modelyard.dev/track"
"""Label of a canary's pods: ``canary``."""
HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True)
class Spread:
    """A topology spread constraint of a pod."""

    key: str
    """Node label."""
    max_skew: int
    required: bool
    """``DoNotSchedule``; else ``ScheduleAnyway``."""
    match_labels: tuple[tuple[str, str], ...]
    """Of the pods that it counts, all in the same namespace."""

    def counts(self, labels: Mapping[str, str]) -> bool:
        """Whether a pod with these labels is counted; an empty selector counts none."""
        return bool(self.match_labels) and all(labels.get(key) == value for key, value in self.match_labels)


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods that are alike: of a Deployment, StatefulSet, ReplicaSet or Pod, or of a controller's own resource."""

    urn: str
    """Of the resource that the pods are declared by; an InferenceService has several workloads."""
    name: str
    """Of the Deployment or StatefulSet, where a controller makes it too."""
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
    """Replicas that always run, at the hour that guarantees most; None where the program does not know it yet."""
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
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the pods, those that are known."""
    replicas_base: int | None = None
    """Replicas that run outside of :attr:`windows`."""
    windows: tuple[Window, ...] = ()
    """Hours that raise the base, up to the floor."""
    changes: tuple[Change, ...] = ()
    """Times that set the number of replicas; at the highest it is the floor."""
    wakes: bool = False
    """Whether a request brings the first replica back after the last one has gone."""
    beside: bool = False
    """Whether a release runs beside all replicas, as many again, until it ends: a controller moves the traffic."""
    spread: tuple[Spread, ...] = ()
    apart: bool = False
    """Whether no two of the pods may share a node: required anti-affinity of the pods to themselves."""
    priority_class: str | None = None
    priority: int = 0
    """Of its priority class, where the plan holds that one; pods of a higher one go first."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells the workload from every other."""
        return self.urn, self.name

    @property
    def may_sleep(self) -> bool:
        """Whether there are hours without a replica, after which a request wakes the model."""
        return self.replicas_base == 0 and self.wakes

    def surge(self, replicas: int) -> int:
        """Pods that a rollout adds to this many replicas."""
        return replicas if self.beside else _share(self.max_surge, replicas, up=True)

    def waits_for_surge(self, replicas: int) -> bool:
        """Whether a rollout takes no pod away before a new one runs, and so cannot go on without room."""
        return replicas > 0 and (self.beside or _share(self.max_unavailable, replicas, up=False) == 0)


def workload_of(
    resource: Resource,
    template: Mapping[str, Any],
    replicas: Replicas,
    *,
    name: str | None = None,
    strategy: Mapping[str, Any] | None = None,
    beside: bool = False,
    claims: Claims | None = None,
) -> Workload:
    """The workload of a pod template.

    Args:
        resource: what declares the pods.
        template: ``metadata`` and ``spec``.
        replicas: how many there are.
        name: of what a controller makes from the resource. Default: the resource's own.
        strategy: ``maxSurge`` and ``maxUnavailable``, each 25 % where absent, as Kubernetes has it. None: the pods
            are replaced one by one, each after it has gone.
        beside: see :attr:`Workload.beside`.
        claims: of the graph. None: the pods can claim nothing.
    """
    own = texts(at(resource.inputs, "metadata", "labels"))
    labels = {**own, **texts(at(template, "metadata", "labels"))}
    annotations = texts(at(template, "metadata", "annotations"))
    spec = mapping(template.get("spec"))
    affinity = mapping(at(spec, "affinity", "nodeAffinity"))
    required = at(affinity, "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    preferred = affinity.get("preferredDuringSchedulingIgnoredDuringExecution")
    return Workload(
        urn=resource.urn,
        name=name or text(at(resource.inputs, "metadata", "name")) or resource.name,
        namespace=namespace(resource),
        cluster=annotations.get(CLUSTER),
        pool=annotations.get(POOL),
        price_basis=annotations.get(PRICE_BASIS),
        department=labels.get(DEPARTMENT),
        model=labels.get(MODEL),
        replicas_floor=replicas.floor,
        replicas_max=replicas.most,
        max_surge=0 if strategy is None else _count_or_share(strategy.get("maxSurge")),
        max_unavailable=1 if strategy is None else _count_or_share(strategy.get("maxUnavailable")),
        requests=_with_gpu_memory(
            _requests(resource, spec, claims, injected_requests(annotations)), whole(annotations.get(GPU_MEMORY))
        ),
        node_selector=texts(spec.get("nodeSelector")),
        required_terms=tuple(_expressions(term) for term in items(required)),
        preferred_terms=tuple(
            (whole(mapping(each).get("weight")) or 0, _expressions(mapping(each).get("preference")))
            for each in items(preferred)
        ),
        tolerations=tuple(mapping(each) for each in items(spec.get("tolerations"))),
        labels=texts(at(template, "metadata", "labels")),
        replicas_base=replicas.floor if replicas.base is None else replicas.base,
        windows=replicas.windows,
        changes=replicas.changes,
        wakes=replicas.wakes,
        beside=beside,
        spread=tuple(_spread(mapping(each)) for each in items(spec.get("topologySpreadConstraints"))),
        apart=_apart(spec, texts(at(template, "metadata", "labels"))),
        priority_class=text(spec.get("priorityClassName")),
        priority=whole(spec.get("priority")) or 0,
    )


def _requests(
    resource: Resource, spec: Mapping[str, Any], claims: Claims | None, injected: Requests
) -> Requests | None:
    asked, claimed = pod_requests(spec), Requests() if claims is None else claims.of(resource, spec)
    return None if asked is None or claimed is None else asked + claimed + injected


def _with_gpu_memory(asked: Requests | None, each_mib: int | None) -> Requests | None:
    if asked is None or each_mib is None:
        return asked
    return replace(asked, gpu_memory_mib=max(asked.gpu_memory_mib, asked.gpus * each_mib))


def _apart(spec: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    terms = at(spec, "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    asked = [(text(at(term, "topologyKey")), texts(at(term, "labelSelector", "matchLabels"))) for term in items(terms)]
    return any(
        key == HOSTNAME and bool(selected) and all(labels.get(name) == value for name, value in selected.items())
        for key, selected in asked
    )


def _spread(constraint: Mapping[str, Any]) -> Spread:
    return Spread(
        key=text(constraint.get("topologyKey")) or "",
        max_skew=whole(constraint.get("maxSkew")) or 1,
        required=text(constraint.get("whenUnsatisfiable")) != "ScheduleAnyway",
        match_labels=tuple(sorted(texts(at(constraint, "labelSelector", "matchLabels")).items())),
    )


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
