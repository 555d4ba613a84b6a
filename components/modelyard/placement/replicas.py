"""How many replicas a workload has: by its own field, or by the autoscaler that targets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, items, mapping, text, whole

_AUTOSCALERS = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:autoscaling/v1:HorizontalPodAutoscaler",
)
_KEDA = "kubernetes:keda.sh/v1alpha1:ScaledObject"
_WAKE_NOBODY = ("cron", "cpu", "memory")
"""Triggers that no request of a caller sets off while there is no pod."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week in which a cron trigger of KEDA's keeps more replicas."""

    start: str
    """Five fields of cron, in :attr:`timezone`."""
    end: str
    timezone: str
    replicas: int


@dataclass(frozen=True, slots=True)
class Change:
    """A time of the week from which on there are so many replicas, until the next change."""

    recurrence: str
    """Five fields of cron, in :attr:`timezone`."""
    timezone: str
    replicas: int


@dataclass(frozen=True, slots=True)
class Replicas:
    """Bounds of the number of replicas; None where the program does not know one yet."""

    floor: int | None
    """Replicas that always run, at the hour that guarantees most."""
    most: int | None
    base: int | None = None
    """Replicas that run outside of windows. None: as many as the floor."""
    windows: tuple[Window, ...] = ()
    """Hours that raise the base. Empty where their hours are not known: the floor is then taken for the whole week."""
    wakes: bool = False
    """Whether a request brings the first replica back after the last one has gone."""
    changes: tuple[Change, ...] = ()
    """Times that set the number, whatever it was before."""

    @classmethod
    def fixed(cls, count: int | None) -> Replicas:
        return cls(count, count)

    @classmethod
    def between(cls, least: int | None, most: int | None, *, wakes: bool = False) -> Replicas:
        return cls(least, most if most is None or least is None else max(most, least), least, wakes=wakes)


class Autoscalers:
    """The autoscalers of a graph, found by their target's name or, failing that, by dependency."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._by_name: dict[tuple[str | None, str, str, str], Replicas] = {}
        self._by_urn: dict[str, Replicas] = {}
        for scaler in graph.of_type(*_AUTOSCALERS):
            spec = mapping(scaler.inputs.get("spec"))
            self._add(scaler, Replicas.between(whole(spec.get("minReplicas", 1)), whole(spec.get("maxReplicas"))))
        for scaler in graph.of_type(_KEDA):
            self._add(scaler, _by_keda(mapping(scaler.inputs.get("spec"))))

    def of(self, resource: Resource, kind: str | None = None, name: str | None = None) -> Replicas | None:
        """Bounds that an autoscaler sets; None where none targets the object.

        ``kind`` and ``name`` are of an object that a controller makes from the resource; by default its own.
        """
        if name is None:
            name = text(at(resource.inputs, "metadata", "name"))
        if name:
            found = self._by_name.get(
                (resource.provider, namespace(resource), kind or resource.type.rpartition(":")[2], name)
            )
            if found is not None:
                return found
        return self._by_urn.get(resource.urn)

    def _add(self, scaler: Resource, bounds: Replicas) -> None:
        target = at(scaler.inputs, "spec", "scaleTargetRef")
        name = text(at(target, "name"))
        if name:
            kind = text(at(target, "kind")) or "Deployment"
            self._by_name[scaler.provider, namespace(scaler), kind, name] = bounds
            return
        for urn in _depends_on(scaler):
            self._by_urn[urn] = bounds


def namespace(resource: Resource) -> str:
    """Namespace of a namespaced object; ``default`` where none is known."""
    return text(at(resource.inputs, "metadata", "namespace")) or "default"


def _by_keda(spec: Mapping[str, Any]) -> Replicas:
    """``minReplicaCount`` (default 0), raised in the windows of cron triggers, of which the highest counts
    (https://keda.sh/docs/latest/scalers/cron/); never more than ``maxReplicaCount`` (default 100)."""
    base, most = whole(spec.get("minReplicaCount", 0)), whole(spec.get("maxReplicaCount", 100))
    triggers = [mapping(each) for each in items(spec.get("triggers"))]
    wakes = any(text(each.get("type")) not in _WAKE_NOBODY for each in triggers)
    floors, windows, hours_known = [base], [], True
    for trigger in triggers:
        if text(trigger.get("type")) != "cron":
            continue
        when = mapping(trigger.get("metadata"))
        count = whole(when.get("desiredReplicas"))
        if count is not None and most is not None:
            count = min(count, most)
        floors.append(count)
        start, end, timezone = (text(when.get(key)) for key in ("start", "end", "timezone"))
        if start is None or end is None or timezone is None or count is None:
            hours_known = False
        else:
            windows.append(Window(start, end, timezone, count))
    known = [each for each in floors if each is not None]
    floor = max(known) if len(known) == len(floors) else None
    if floor is None or not hours_known:
        return Replicas(floor, most, floor, wakes=wakes)
    return Replicas(floor, max(most, floor) if most is not None else None, base, tuple(windows), wakes)


def _depends_on(resource: Resource) -> Iterable[str]:
    return {*resource.dependencies, *resource.property_dependencies.get("spec", ())}
