"""Autoscalers whose metric somebody serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph

from modelyard_policies.inputs import elements, entries, is_true, listed, read, shown
from modelyard_policies.network_policies import RELEASE
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

AUTOSCALER: Final = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
AUTOSCALERS: Final = ResourceTypes(
    "kubernetes:autoscaling/v*:HorizontalPodAutoscaler", "kubernetes:keda.sh/v1alpha1:ScaledObject"
)
_SOURCES: Final = {
    "Pods": ("pods", "custom"),
    "Object": ("object", "custom"),
    "External": ("external", "external"),
}
"""Type of an autoscaler's metric: where it is named, and which rules of the adapter serve it."""


def rules() -> list[StackRule]:
    return [
        StackRule(
            "service-has-autoscaler-metric-source",
            "Every metric that an autoscaler goes by is served by the cluster's metrics adapter.",
            types=ResourceTypes(AUTOSCALER, RELEASE),
            check=_check,
            settings={"custom_metrics": {"type": "array", "items": {"type": "string"}}},
        )
    ]


def _check(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    declared = config.get("custom_metrics")
    adapters = [each for each in graph.of_type(RELEASE) if _chart(each) == "prometheus-adapter"]
    if declared is None and not adapters:
        return
    served: dict[str, set[str]] = {}
    for adapter in adapters:
        for kind, names in _served(adapter).items():
            if names is None:
                return
            served.setdefault(kind, set()).update(names)
    for autoscaler in graph.of_type(AUTOSCALER):
        for metric in elements(read(autoscaler.inputs, "spec", "metrics")):
            where, rules_of = _SOURCES.get(read(metric, "type"), (None, ""))
            if where is None:
                continue
            name = read(metric, where, "metric", "name")
            known = served.get(rules_of, set()).union(declared or ())
            if isinstance(name, str) and name not in known:
                yield Finding(
                    autoscaler.urn,
                    f"the autoscaler goes by the metric {shown(name)}, which no rule of the prometheus-adapter serves "
                    f"(served: {listed(sorted(known))}), so it never scales; add a rule for it, or use a served "
                    "metric.",
                )


def _chart(release: Resource) -> str:
    chart = release.inputs.get("chart")
    return chart.rpartition("/")[2] if isinstance(chart, str) else ""


def _served(adapter: Resource) -> dict[str, set[str] | None]:
    """By kind of rule the names that it gives to metrics; None where the values do not say them all."""
    rules_of = read(adapter.inputs, "values", "rules")
    if rules_of is UNKNOWN:
        return {"custom": None}
    found: dict[str, set[str] | None] = {}
    for kind, listed_rules in entries(rules_of):
        if kind not in ("custom", "external"):
            continue
        names = [_name(rule) for rule in elements(listed_rules)]
        found[kind] = None if None in names else {name for name in names if name}
    if is_true(read(rules_of, "default", default=True)):
        found["custom"] = None
    return found


def _name(rule: Any) -> str | None:
    given = read(rule, "name", "as")
    if isinstance(given, str) and "$" not in given:
        return given
    series = read(rule, "seriesQuery")
    plain = series.partition("{")[0] if isinstance(series, str) else ""
    return plain if plain and given is None and read(rule, "name", "matches") is None else None
