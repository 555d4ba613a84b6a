"""A rollout by Argo Rollouts, for the runtimes whose Deployments are ours.

Follows ``argoproj.io/v1alpha1`` of Argo Rollouts 1.10 and its traffic router plugin for Gateway API, which the
controller has to be installed with.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...environment.rollout import Rollout
from ..workload.autoscaling import workload_autoscaler
from ..workload.deployment import deployment
from ..workload.http_route import route_of_rules, rule
from ..workload.manifests import before_pods
from ..workload.server import Route
from ..workload.service import service
from ..workload.workload import Workload
from .gates import Gate, gates
from .split import BACKEND, Side, Split
from .split_policy import split_policy
from .split_route import backends, common_routes

_API = "argoproj.io/v1alpha1"
_PLUGIN = "argoproj-labs/gatewayAPI"


def argo_manifests(
    workload: Workload,
    rollout: Rollout,
    *,
    stable_routes: Sequence[Route],
    prometheus_url: str,
    secret_name: Any = None,
) -> list[dict[str, Any]]:
    """All objects, in the order in which they can be applied. One Rollout takes the place of the Deployment.

    Its pods are of the version to be released: the canary where there is one. Argo Rollouts keeps the pods of the
    version before as the stable ones, moves the weights of the route, which are its own from then on, judges the gates
    after each pause, and goes back by itself where one fails. Where a gate has no answer it waits for a person. A side
    whose weight becomes 0 or ceases to be 0 may answer a few requests with errors at that moment
    (:mod:`~modelyard.serving.rollout.split_route` says why): the plugin knows one set of rules.

    Args:
        workload: of the model, with the version to be released.
        rollout: its declaration.
        stable_routes: what the stable version's server answers; paths that one version alone answers are left out,
            since its plugin moves every rule's weights.
        prometheus_url: where the gates are asked.
        secret_name: of the Secret behind ``workload.secret_env``.
    """
    traffic = _split(workload, rollout, stable_routes)
    made = [*before_pods(workload), _canary_service(workload)]
    asked = () if traffic is None else gates(rollout.gates, _canary_clusters(traffic), _served(workload))
    if asked:
        made.append(_analysis(workload, asked, prometheus_url))
    if traffic is not None:
        made += [split_policy(traffic), _route(traffic)]
    scaler = workload_autoscaler(workload)
    scaler["spec"]["scaleTargetRef"] = {"apiVersion": _API, "kind": "Rollout", "name": workload.name}
    return [*made, _rollout(workload, rollout, secret_name, judged=bool(asked), routed=traffic is not None), scaler]


def _rollout(workload: Workload, rollout: Rollout, secret_name: Any, *, judged: bool, routed: bool) -> dict[str, Any]:
    pods = deployment(workload, secret_name)
    spec = {key: value for key, value in pods["spec"].items() if key != "strategy"}
    rolling = pods["spec"]["strategy"]["rollingUpdate"]
    canary: dict[str, Any] = {
        "stableService": workload.name,
        "canaryService": _canary_name(workload),
        **rolling,
        "steps": _steps(workload, rollout, judged),
    }
    if routed:
        route = {"httpRoute": workload.name, "namespace": workload.namespace}
        canary["trafficRouting"] = {"plugins": {_PLUGIN: route}}
    return {
        "apiVersion": _API,
        "kind": "Rollout",
        "metadata": workload.metadata(),
        "spec": {**spec, "strategy": {"canary": canary}},
    }


def _steps(workload: Workload, rollout: Rollout, judged: bool) -> list[dict[str, Any]]:
    """A weight, a pause and the gates for each share but the last, which ends the rollout."""
    steps: list[dict[str, Any]] = []
    for share in rollout.steps[:-1]:
        steps.append({"setWeight": share})
        if rollout.pause_minutes:
            steps.append({"pause": {"duration": f"{rollout.pause_minutes}m"}})
        if judged:
            steps.append({"analysis": {"templates": [{"templateName": workload.name}]}})
    return [*steps, {"setWeight": 100}]


def _analysis(workload: Workload, asked: Sequence[Gate], prometheus_url: str) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "AnalysisTemplate",
        "metadata": workload.metadata(),
        "spec": {
            "metrics": [
                {
                    "name": gate.name.replace("_", "-"),
                    "successCondition": f"len(result) > 0 && {_holds(gate)}",
                    "failureCondition": f"len(result) > 0 && !({_holds(gate)})",
                    "provider": {"prometheus": {"address": prometheus_url, "query": gate.query}},
                }
                for gate in asked
            ]
        },
    }


def _holds(gate: Gate) -> str:
    bounds = [f"result[0] >= {gate.least!r}"] if gate.least is not None else []
    return " && ".join([*bounds, *([f"result[0] <= {gate.most!r}"] if gate.most is not None else [])])


def _served(workload: Workload) -> tuple[str, str] | None:
    return (workload.namespace, _canary_name(workload)) if workload.server.runtime == "triton" else None


def _canary_name(workload: Workload) -> str:
    return f"{workload.name}-canary"


def _canary_service(workload: Workload) -> dict[str, Any]:
    """Argo Rollouts narrows the selectors of both Services to the pods of their side."""
    made = copy.deepcopy(service(workload))
    made["metadata"]["name"] = _canary_name(workload)
    return made


def _route(split: Split) -> dict[str, Any]:
    """Every rule with both Services, in the order that the gateway counts them by."""
    rules = [
        rule(route, backends(split, route.port, split.weights), split.request_timeout_seconds)
        for route in split.stable.routes
    ]
    return route_of_rules(split.metadata(), split.gateway, split.hostname, rules)


def _canary_clusters(split: Split) -> str:
    places = "|".join(str(place) for place, route in enumerate(split.stable.routes) if route.inference)
    return f"httproute/{split.namespace}/{split.name}/rule/({places})/backend/{BACKEND['canary']}"


def _split(workload: Workload, rollout: Rollout, stable_routes: Sequence[Route]) -> Split | None:
    if workload.hostname is None:
        return None
    routes = common_routes(stable_routes, workload.server.routes)
    whole = Split(
        name=workload.name,
        namespace=workload.namespace,
        hostname=workload.hostname,
        gateway=workload.gateway,
        labels=workload.labels,
        stable=Side(workload.name, routes),
        canary=Side(_canary_name(workload), routes),
        request_timeout_seconds=workload.request_timeout_seconds,
    )
    return replace(whole, sticky=rollout.sticky)
