"""The HTTPRoute of a model that KServe serves, with the share of its canary.

In mode standard KServe ignores ``canaryTrafficPercent``, and ``spec.canary`` of 0.20 makes a Deployment without an
autoscaler, to which no route of 0.20.0 leads. So there are two InferenceServices, and one route of our own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...environment.rollout import Rollout
from ..autoscaling.wake_up import let_sleep
from ..rollout.split import Side, Split
from ..rollout.split_policy import split_policy
from ..rollout.split_route import split_route
from ..workload.http_route import route_of_rules, rule
from ..workload.server import PathMatch, Route
from ..workload.traffic_policy import backend_traffic_policy
from ..workload.workload import Workload
from .inference_service import HTTP_SERVICE_PORT, InferenceService


def routing(
    workload: Workload,
    stable: InferenceService,
    canary: InferenceService | None = None,
    rollout: Rollout | None = None,
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """HTTPRoute and BackendTrafficPolicy of the model's hostname; None without a hostname.

    A canary's weight leads nowhere until its InferenceService is Ready: whoever applies this waits for that first.

    Args:
        workload: of the model, with its hostname.
        stable: of mode standard.
        canary: the same, beside it.
        rollout: how the requests are split. Default: they are not.
    """
    if workload.hostname is None or stable.mode != "standard":
        return None
    timeout = workload.request_timeout_seconds
    if rollout is None:
        backend = entry(stable)
        rules = [rule(each, [{"name": backend, "port": each.port}], timeout) for each in routes(stable)]
        made = route_of_rules(workload.metadata(), workload.gateway, workload.hostname, rules)
        policy = backend_traffic_policy(workload)
        assert policy is not None
        policy = let_sleep(policy, workload.scaling)
    else:
        traffic = split(workload, stable, canary, rollout)
        made, policy = split_route(traffic), split_policy(traffic)
    if stable.explainer is not None:
        made["spec"]["rules"].append(_explanations(workload, stable, canary, rollout))
    return made, policy


def split(workload: Workload, stable: InferenceService, canary: InferenceService | None, rollout: Rollout) -> Split:
    """Both tracks behind the Services that KServe makes."""
    assert workload.hostname is not None
    whole = Split(
        name=workload.name,
        namespace=workload.namespace,
        hostname=workload.hostname,
        gateway=workload.gateway,
        labels=workload.labels,
        stable=Side(entry(stable), routes(stable)),
        canary=None if canary is None else Side(entry(canary), routes(canary)),
        request_timeout_seconds=workload.request_timeout_seconds,
    )
    return whole.as_declared(rollout)


def entry(service: InferenceService) -> str:
    """Name of the Service that requests go to first: the transformer's, where there is one."""
    return f"{service.name}-{'predictor' if service.transformer is None else 'transformer'}"


def routes(service: InferenceService) -> tuple[Route, ...]:
    """The server's routes, at the ports of KServe's Service. A transformer speaks HTTP; gRPC would pass it by."""
    first = service.workload.server.ports[0].number
    return tuple(
        replace(route, port=HTTP_SERVICE_PORT if route.port == first else route.port)
        for route in service.workload.server.routes
        if service.transformer is None or route.port == first
    )


def _explanations(
    workload: Workload, stable: InferenceService, canary: InferenceService | None, rollout: Rollout | None
) -> dict[str, Any]:
    """Last, so that the numbers by which the gateway counts inference stay."""
    route = Route(HTTP_SERVICE_PORT, (PathMatch("Exact", f"/v1/models/{workload.model}:explain"),))
    backends: list[dict[str, Any]] = [{"name": f"{stable.name}-explainer", "port": HTTP_SERVICE_PORT}]
    if canary is not None and rollout is not None:
        backends[0]["weight"] = 100 - rollout.percent
        backends.append({"name": f"{canary.name}-explainer", "port": HTTP_SERVICE_PORT, "weight": rollout.percent})
    return rule(route, backends, workload.request_timeout_seconds)
