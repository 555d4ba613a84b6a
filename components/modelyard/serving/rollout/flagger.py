"""A rollout by Flagger, for the runtimes whose Deployments are ours.

Follows ``flagger.app/v1beta1`` of Flagger 1.44 with its provider ``gatewayapi:v1``. Flagger has to be installed with
``selectorLabels=app.kubernetes.io/instance``: by its default it would tell pods apart by their runtime, and mix those
of two models in one namespace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..access.limits import limited
from ..autoscaling.autoscaler import autoscaler
from ..autoscaling.scaled_object import triggers
from ..workload.autoscaling import scale_target
from ..workload.deployment import deployment
from ..workload.manifests import before_pods
from ..workload.network_policy import network_policy
from ..workload.pod_disruption_budget import pod_disruption_budget
from ..workload.server import PathMatch
from ..workload.traffic_policy import backend_traffic_policy
from ..workload.workload import Workload
from .controlled import ControlledObjects, Manifest, Release, files_of_stable, waiting
from .gates import Gate, gates
from .split_route import common_routes

PROVIDER = "gatewayapi:v1"
_API = "flagger.app/v1beta1"
_URI = {"Exact": "exact", "PathPrefix": "prefix", "RegularExpression": "regex"}
_SECONDS_PER_HOUR = 3600


def flagger_problem(workload: Workload) -> str | None:
    """Why Flagger cannot roll this model out, after ``rollout.by``; or None."""
    if workload.hostname is None:
        return "is flagger, which moves traffic at the gateway alone, and there is no hostname; give one"
    if not any(route.inference and _speaks_http(workload, route.port) for route in workload.server.routes):
        return (
            f"is flagger, whose route has one port, of HTTP, and {workload.server.runtime} answers by gRPC alone; "
            "allowed: gateway, argo_rollouts"
        )
    if any(route.rewrite for route in workload.server.routes):
        return "is flagger, whose route has one rule, and this server's paths are rewritten one by one; write gateway"
    return None


def flagger_objects(found: Release, *, prometheus_url: str, secret_name: Any = None) -> ControlledObjects:
    """All objects. The Deployment is the canary's; Flagger copies it to ``<model>-primary``, which serves, and makes
    the Services and the HTTPRoute. So there is no Service here, and the primary's pods get a NetworkPolicy and a
    disruption budget.

    Flagger's route has one port: **gRPC has no way in**, and metadata counts among the requests that the gates see. A
    side whose weight becomes 0 or ceases to be 0 may answer a few requests with errors at that moment
    (:mod:`~modelyard.serving.rollout.split_route` says why). Paths that one version alone answers are left out.

    A change of the pods goes up the steps with a canary and without: Flagger knows no other way that keeps the pods of
    before until the new ones are ready. What is there when Flagger comes is served at once.

    Args:
        found: both versions. What :func:`flagger_problem` finds has to be solved first.
        prometheus_url: where the gates are asked.
        secret_name: of the Secret behind ``secret_env``.
    """
    workload = found.released
    primary = replace(workload, name=f"{workload.name}-primary")
    first = [manifest for manifest in before_pods(workload) if manifest["kind"] != "Service"]
    clusters = f"httproute/{workload.namespace}/{workload.name}/rule/0/backend/1"
    triton = (workload.namespace, f"{workload.name}-canary") if workload.server.runtime == "triton" else None
    asked = gates(found.rollout.gates, clusters, triton)
    pods = deployment(workload, secret_name)
    # Outside a release it has no pods, and within one Flagger waits for them.
    pods["metadata"]["annotations"] = {"pulumi.com/skipAwait": "true"}
    scaler = _scaler(workload)
    return ControlledObjects(
        before=[
            *first,
            *files_of_stable(found, first),
            network_policy(primary, mesh=workload.mesh),
            pod_disruption_budget(primary),
            *(_metric(workload, gate, prometheus_url) for gate in asked),
        ],
        policy=_policy(workload),
        route=None,
        pods=pods,
        scaler=scaler,
        after=[_canary(found, asked, scaler)],
    )


def _canary(found: Release, asked: Sequence[Gate], scaler: Manifest) -> Manifest:
    workload, rollout = found.released, found.rollout
    routes = common_routes(found.stable_routes, workload.server.routes)
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
        "metadata": workload.metadata(annotations=waiting(found, "condition=Promoted")),
        "spec": {
            "provider": PROVIDER,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
            "autoscalerRef": {
                "apiVersion": scaler["apiVersion"],
                "kind": scaler["kind"],
                "name": scaler["metadata"]["name"],
                **_queries_of_primary(workload, scaler),
            },
            "progressDeadlineSeconds": deployment(workload)["spec"]["progressDeadlineSeconds"],
            "service": {
                "port": http,
                "targetPort": http,
                "portName": next(port.name for port in workload.server.ports if port.number == http),
                # Prometheus asks the other ports, and finds the Services by their labels.
                "portDiscovery": True,
                **{side: {"labels": dict(labels)} for side, labels in _service_labels(workload).items()},
                "hosts": [workload.hostname],
                "gatewayRefs": [{"name": gateway.name, "namespace": gateway.namespace, "sectionName": "https"}],
                "match": [{"uri": {_URI[path.kind]: path.path}} for path in _unique(paths)],
                "timeout": f"{workload.request_timeout_seconds}s",
                **_headers(workload),
            },
            "analysis": analysis,
        },
    }


def _metric(workload: Workload, gate: Gate, prometheus_url: str) -> Manifest:
    return {
        "apiVersion": _API,
        "kind": "MetricTemplate",
        "metadata": workload.metadata(_metric_name(workload, gate)),
        "spec": {"provider": {"type": "prometheus", "address": prometheus_url}, "query": gate.query},
    }


def _policy(workload: Workload) -> Manifest:
    """The workload's own, with zone-aware routing of no requests: it makes Envoy Gateway count each side apart, which
    Flagger's route, without filters of the backends, would not. That route is HTTP's alone, so that a limit of sizes is
    for all of it."""
    plain = backend_traffic_policy(workload)
    assert plain is not None
    _, (policy, *_) = limited({"spec": {"rules": []}}, plain, workload.access, grpc_ports=())
    spec = {**policy["spec"], "loadBalancer": {**policy["spec"]["loadBalancer"]}}
    spec["loadBalancer"]["zoneAware"] = {"preferLocal": {"percentageEnabled": 0}}
    if workload.access.max_request_mib is not None:
        spec["requestBuffer"] = {"limit": f"{workload.access.max_request_mib}Mi"}
    return {**policy, "spec": spec}


def _headers(workload: Workload) -> dict[str, Any]:
    """Tokens end at the gateway."""
    way = workload.access.authentication
    if way is None or way.jwt is None:
        return {}
    return {"headers": {"request": {"remove": ["authorization"]}}}


def _service_labels(workload: Workload) -> dict[str, dict[str, str]]:
    """Of the Services that are scraped: the primary's pods by the one that callers ask, so that none counts twice."""
    return {"apex": workload.labels, "canary": workload.labels}


def _scaler(workload: Workload) -> Manifest:
    """Of the canary's pods. Flagger copies it for the primary's, and loses the name of the autoscaler that KEDA makes,
    which would be the same for both."""
    made = autoscaler(replace(scale_target(workload), pods=_series(workload, "-canary")), workload.scaling)
    if made["kind"] == "ScaledObject":
        del made["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"]
    return made


def _queries_of_primary(workload: Workload, scaler: Manifest) -> dict[str, Any]:
    """Flagger would guess them from the canary's by replacing names."""
    if scaler["kind"] != "ScaledObject":
        return {}
    target = replace(scale_target(workload), name=f"{workload.name}-primary", pods=_series(workload, ""))
    asked = {each["name"]: each["metadata"].get("query") for each in triggers(target, workload.scaling)}
    return {"primaryScalerQueries": {name: query for name, query in asked.items() if query is not None}}


def _series(workload: Workload, suffix: str) -> dict[str, str]:
    return {"namespace": workload.namespace, "service": f"{workload.name}{suffix}"}


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
