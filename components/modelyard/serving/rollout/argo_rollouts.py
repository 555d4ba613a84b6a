"""A rollout by Argo Rollouts, for the runtimes whose Deployments are ours.

Follows ``argoproj.io/v1alpha1`` of Argo Rollouts 1.10 and its traffic router plugin for Gateway API, which the
controller has to be installed with.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...capacity.software.argo_rollouts import PLUGIN
from ..autoscaling.autoscaler import autoscaler
from ..workload.autoscaling import scale_target
from ..workload.deployment import deployment
from ..workload.http_route import route_of_rules, rule
from ..workload.manifests import before_pods
from ..workload.service import service
from ..workload.workload import Workload
from .controlled import ControlledObjects, Manifest, Release, files_of_stable, waiting
from .gates import Gate, gates
from .split import BACKEND, Side, Split
from .split_policy import split_policy
from .split_route import backends, common_routes

_API = "argoproj.io/v1alpha1"


def argo_objects(found: Release, *, prometheus_url: str, secret_name: Any = None) -> ControlledObjects:
    """All objects. One Rollout takes the place of the Deployment.

    Its pods are of the version to be released: the canary where there is one. Argo Rollouts keeps the pods of the
    version before as the stable ones, moves the weights of the route, which are its own from then on, judges the gates
    after each pause, and goes back by itself where one fails. Where a gate has no answer it waits for a person. Without
    a canary there are no steps: other pods take the place of those that serve as soon as they are ready.

    A Rollout that is made with a canary in it would serve that one at once: there are no pods of a version before.

    A side whose weight becomes 0 or ceases to be 0 may answer a few requests with errors at that moment
    (:mod:`~modelyard.serving.rollout.split_route` says why): the plugin knows one set of rules. Paths that one version
    alone answers are left out, since it moves every rule's weights.

    Args:
        found: both versions.
        prometheus_url: where the gates are asked.
        secret_name: of the Secret behind ``secret_env``.
    """
    workload, rollout = found.released, found.rollout
    traffic = _split(found)
    first = before_pods(workload)
    made = [*first, *files_of_stable(found, first), _canary_service(workload)]
    wanted = found.under_way and traffic is not None
    asked = gates(rollout.gates, _canary_clusters(traffic), _served(workload)) if wanted and traffic else ()
    if asked:
        made.append(_analysis(workload, asked, prometheus_url))
    scaler = autoscaler(replace(scale_target(workload), api_version=_API, kind="Rollout"), workload.scaling)
    return ControlledObjects(
        before=made,
        policy=None if traffic is None else split_policy(traffic),
        route=None if traffic is None else _route(traffic),
        pods=_rollout(found, secret_name, judged=bool(asked), routed=traffic is not None),
        scaler=scaler,
        # It narrows the Services to the pods of their side. Weights are a part of the rules, and a list of rules is
        # one field to the API server: without a canary it is the declaration's again.
        owned={"Service": ("spec.selector",), **({"HTTPRoute": ("spec.rules",)} if found.under_way else {})},
    )


def _rollout(found: Release, secret_name: Any, *, judged: bool, routed: bool) -> Manifest:
    workload = found.released
    pods = deployment(workload, secret_name)
    spec = {key: value for key, value in pods["spec"].items() if key != "strategy"}
    rolling = pods["spec"]["strategy"]["rollingUpdate"]
    canary: dict[str, Any] = {
        "stableService": workload.name,
        "canaryService": _canary_name(workload),
        **rolling,
        "steps": _steps(found, judged),
    }
    if routed:
        route = {"httpRoute": workload.name, "namespace": workload.namespace}
        canary["trafficRouting"] = {"plugins": {PLUGIN: route}}
    return {
        "apiVersion": _API,
        "kind": "Rollout",
        "metadata": workload.metadata(annotations=waiting(found, "jsonpath={.status.phase}=Healthy")),
        "spec": {**spec, "strategy": {"canary": canary}},
    }


def _steps(found: Release, judged: bool) -> list[dict[str, Any]]:
    """A weight, a pause and the gates for each share but the last, which ends the rollout."""
    workload, rollout = found.released, found.rollout
    steps: list[dict[str, Any]] = []
    for share in rollout.steps[:-1] if found.under_way else ():
        steps.append({"setWeight": share})
        if rollout.pause_minutes:
            steps.append({"pause": {"duration": f"{rollout.pause_minutes}m"}})
        if judged:
            steps.append({"analysis": {"templates": [{"templateName": workload.name}]}})
    return [*steps, {"setWeight": 100}]


def _analysis(workload: Workload, asked: Sequence[Gate], prometheus_url: str) -> Manifest:
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
    # Where a declaration changes the rules, it takes them back from Argo Rollouts, which sets its weights again.
    metadata = {**split.metadata(), "annotations": {"pulumi.com/patchForce": "true"}}
    return route_of_rules(metadata, split.gateway, split.hostname, rules)


def _canary_clusters(split: Split) -> str:
    places = "|".join(str(place) for place, route in enumerate(split.stable.routes) if route.inference)
    return f"httproute/{split.namespace}/{split.name}/rule/({places})/backend/{BACKEND['canary']}"


def _split(found: Release) -> Split | None:
    workload = found.released
    if workload.hostname is None:
        return None
    routes = common_routes(found.stable_routes, workload.server.routes)
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
    return replace(whole, sticky=found.rollout.sticky)
