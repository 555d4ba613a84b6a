"""A rollout by Flagger, for the runtimes whose Deployments are ours.

Follows ``flagger.app/v1beta1`` of Flagger 1.36 with its provider ``gatewayapi:v1``. Flagger has to be installed with
``selectorLabels=app.kubernetes.io/instance``: by its default it would tell pods apart by their runtime, and mix those
of two models in one namespace.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...environment.rollout import Rollout
from ..workload.autoscaling import workload_autoscaler
from ..workload.deployment import deployment
from ..workload.manifests import before_pods
from ..workload.network_policy import network_policy
from ..workload.pod_disruption_budget import pod_disruption_budget
from ..workload.server import PathMatch, Route
from ..workload.traffic_policy import backend_traffic_policy
from ..workload.workload import Workload
from .gates import Gate, gates
from .split_route import common_routes

PROVIDER = "gatewayapi:v1"
_API = "flagger.app/v1beta1"
_URI = {"Exact": "exact", "PathPrefix": "prefix", "RegularExpression": "regex"}
_SECONDS_PER_HOUR = 3600


def flagger_manifests(
    workload: Workload,
    rollout: Rollout,
    *,
    stable_routes: Sequence[Route],
    prometheus_url: str,
    secret_name: Any = None,
) -> list[dict[str, Any]]:
    """All objects, in the order in which they can be applied.

    The Deployment is the canary's; Flagger copies it to ``<model>-primary``, which serves, and makes the Services and
    the HTTPRoute. So there is no Service here, and the primary's pods get a NetworkPolicy and a disruption budget.
    Flagger's route has one port: **gRPC has no way in**, and metadata counts among the requests that the gates see. A
    side whose weight becomes 0 or ceases to be 0 may answer a few requests with errors at that moment
    (:mod:`~modelyard.serving.rollout.split_route` says why).

    Args:
        workload: of the model, with the version to be released.
        rollout: its declaration.
        stable_routes: what the stable version's server answers; paths that one version alone answers are left out.
        prometheus_url: where the gates are asked.
        secret_name: of the Secret behind ``workload.secret_env``.

    Raises:
        ValueError: the model has no hostname, and Flagger nothing to split.
    """
    if workload.hostname is None:
        raise ValueError(f"{workload.name} has no hostname, and flagger moves traffic at the gateway alone; name one")
    primary = replace(workload, name=f"{workload.name}-primary")
    clusters = f"httproute/{workload.namespace}/{workload.name}/rule/0/backend/1"
    triton = (workload.namespace, f"{workload.name}-canary") if workload.server.runtime == "triton" else None
    asked = gates(rollout.gates, clusters, triton)
    scaler = workload_autoscaler(workload)
    return [
        *(manifest for manifest in before_pods(workload) if manifest["kind"] != "Service"),
        network_policy(primary),
        pod_disruption_budget(primary),
        deployment(workload, secret_name),
        scaler,
        _policy(workload),
        *(_metric(workload, gate, prometheus_url) for gate in asked),
        _canary(workload, rollout, asked, common_routes(stable_routes, workload.server.routes), scaler),
    ]


def _canary(
    workload: Workload, rollout: Rollout, asked: Sequence[Gate], routes: Sequence[Route], scaler: Mapping[str, Any]
) -> dict[str, Any]:
    http = min(route.port for route in routes if _speaks_http(workload, route.port))
    paths = [match for route in routes if route.port == http for match in route.matches]
    gateway = workload.gateway
    analysis: dict[str, Any] = {
        "interval": f"{max(rollout.pause_minutes, 1)}m",
        "threshold": 1,
        "stepWeights": list(rollout.steps),
        "metrics": [
            {
                "name": gate.name.replace("_", "-"),
                "templateRef": {"name": _metric_name(workload, gate), "namespace": workload.namespace},
                "thresholdRange": _range(gate),
                "interval": f"{rollout.gates.window_minutes}m",
            }
            for gate in asked
        ],
    }
    if rollout.sticky is not None:
        seconds = rollout.sticky.cookie_hours * _SECONDS_PER_HOUR
        analysis["sessionAffinity"] = {"cookieName": rollout.sticky.cookie, "maxAge": seconds}
    return {
        "apiVersion": _API,
        "kind": "Canary",
        "metadata": workload.metadata(),
        "spec": {
            "provider": PROVIDER,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
            "autoscalerRef": {
                "apiVersion": scaler["apiVersion"],
                "kind": scaler["kind"],
                "name": scaler["metadata"]["name"],
            },
            "progressDeadlineSeconds": deployment(workload)["spec"]["progressDeadlineSeconds"],
            "service": {
                "port": http,
                "targetPort": http,
                "portName": "http",
                "hosts": [workload.hostname],
                "gatewayRefs": [{"name": gateway.name, "namespace": gateway.namespace, "sectionName": "https"}],
                "match": [{"uri": {_URI[path.kind]: path.path}} for path in _unique(paths)],
                "timeout": f"{workload.request_timeout_seconds}s",
            },
            "analysis": analysis,
        },
    }


def _metric(workload: Workload, gate: Gate, prometheus_url: str) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "MetricTemplate",
        "metadata": workload.metadata(_metric_name(workload, gate)),
        "spec": {"provider": {"type": "prometheus", "address": prometheus_url}, "query": gate.query},
    }


def _policy(workload: Workload) -> dict[str, Any]:
    """The workload's own, with zone-aware routing of no requests: it makes Envoy Gateway count each side apart, which
    Flagger's route, without filters of the backends, would not."""
    policy = copy.deepcopy(backend_traffic_policy(workload))
    assert policy is not None
    policy["spec"]["loadBalancer"]["zoneAware"] = {"preferLocal": {"percentageEnabled": 0}}
    return policy


def _metric_name(workload: Workload, gate: Gate) -> str:
    return f"{workload.name}-{gate.name.replace('_', '-')}"


def _range(gate: Gate) -> dict[str, float]:
    return {
        **({"min": gate.least} if gate.least is not None else {}),
        **({"max": gate.most} if gate.most is not None else {}),
    }


def _speaks_http(workload: Workload, port: int) -> bool:
    return any(one.number == port and one.app_protocol in (None, "http") for one in workload.server.ports)


def _unique(paths: Sequence[PathMatch]) -> list[PathMatch]:
    return list(dict.fromkeys(paths))
