"""Rollouts that can end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement import place, workloads
from modelyard.placement.argo_rollouts import ROLLOUT
from modelyard.placement.claims import CLAIM_TEMPLATES
from modelyard.placement.kserve import INFERENCE_SERVICE

from modelyard_policies.autoscaling import AUTOSCALERS
from modelyard_policies.inputs import read, shown, whole
from modelyard_policies.nodes import NODE_GROUP
from modelyard_policies.pods import PLACED, containers, template
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import Finding, StackRule

DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
_PROGRESS_DEADLINE_SECONDS: Final = 600
_PROBE_PERIOD_SECONDS: Final = 10
_PROBE_FAILURES: Final = 3


def rules() -> list[StackRule]:
    return [
        StackRule(
            "rollout-not-blocked",
            "A rollout can end: its next pod finds room, one pod at a time may be exchanged, and it waits long enough.",
            types=PLACED | AUTOSCALERS | ResourceTypes(NODE_GROUP, *CLAIM_TEMPLATES),
            check=_check,
        )
    ]


def _check(graph: ResourceGraph, _: Mapping[str, Any]) -> Iterator[Finding]:
    for deployment in graph.of_type(DEPLOYMENT):
        yield from _stuck(deployment, read(deployment.inputs, "spec", "strategy", "rollingUpdate"))
        yield from _too_short(deployment)
    for rollout in graph.of_type(ROLLOUT):
        yield from _stuck(rollout, read(rollout.inputs, "spec", "strategy", "canary"))
        yield from _too_short(rollout)
    for service in graph.of_type(INFERENCE_SERVICE):
        for component in ("predictor", "transformer", "explainer"):
            yield from _stuck(service, read(service.inputs, "spec", component, "deploymentStrategy", "rollingUpdate"))
    if graph.of_type(NODE_GROUP):
        yield from _no_room(graph)


def _stuck(deployment: Resource, rolling: Any) -> Iterator[Finding]:
    surge, unavailable = read(rolling, "maxSurge"), read(rolling, "maxUnavailable")
    if _zero(surge) and _zero(unavailable):
        yield Finding(
            deployment.urn,
            "maxSurge and maxUnavailable are both 0, so no pod may ever be exchanged; set one of them to 1.",
        )


def _zero(value: Any) -> bool:
    return whole(value.removesuffix("%") if isinstance(value, str) else value) == 0


def _too_short(deployment: Resource) -> Iterator[Finding]:
    spec = deployment.inputs.get("spec")
    deadline_seconds = whole(read(spec, "progressDeadlineSeconds", default=_PROGRESS_DEADLINE_SECONDS))
    for container in containers(template(deployment.type, deployment.inputs)):
        probe = read(container.inputs, "startupProbe")
        if not probe:
            continue
        wait = whole(read(probe, "initialDelaySeconds", default=0))
        period = whole(read(probe, "periodSeconds", default=_PROBE_PERIOD_SECONDS))
        failures = whole(read(probe, "failureThreshold", default=_PROBE_FAILURES))
        if None in (wait, period, failures, deadline_seconds):
            continue
        start_seconds = (wait or 0) + (period or 0) * (failures or 0)
        if start_seconds > (deadline_seconds or 0):
            yield Finding(
                deployment.urn,
                f"{container.label} may take {start_seconds} seconds to start, and the rollout is given up after "
                f"{deadline_seconds}; set progressDeadlineSeconds above {start_seconds}.",
            )


def _no_room(graph: ResourceGraph) -> Iterator[Finding]:
    placement = place(graph)
    beside = {workload.urn for workload in workloads(graph) if workload.beside}
    for each in placement.pools:
        for urn in placement.blocked["max"].get(each.pool.key, ()):
            if urn in beside:
                yield Finding(
                    urn,
                    f"a release runs beside all pods that serve until it ends, and pool {shown(each.pool.name)} has no "
                    "room for as many again when its autoscalers are at their maximum; raise the pool's maxSize, or "
                    "lower the most replicas.",
                )
                continue
            yield Finding(
                urn,
                f"a rollout starts a new pod before it stops an old one, and pool {shown(each.pool.name)} has no "
                "room for "
                "one more when its autoscalers are at their maximum; set maxSurge 0 with maxUnavailable 1, or "
                "raise the "
                "pool's maxSize.",
            )
