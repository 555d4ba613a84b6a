"""The HTTPRoute of a workload: the paths that the gateway lets through to it."""

from __future__ import annotations

from typing import Any

from .server import Route
from .workload import Workload


def http_route(workload: Workload) -> dict[str, Any] | None:
    """One hostname; None without a hostname.

    Only what the runtime's routes name passes: what manages the server has no path from outside. Inference has rules
    of its own, the first ones, since the gateway measures latency by rule (:func:`inference_clusters`).
    """
    if workload.hostname is None:
        return None
    gateway = workload.gateway
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": workload.metadata(),
        "spec": {
            "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace, "sectionName": "https"}],
            "hostnames": [workload.hostname],
            "rules": [_rule(workload, route) for route in workload.server.routes],
        },
    }


def inference_clusters(namespace: str, name: str, inference_routes: int = 2) -> str:
    """Regular expression of the names under which Envoy Gateway's proxies count this model's inference requests
    (label ``envoy_cluster_name``): ``httproute/<namespace>/<route>/rule/<number>``.

    Args:
        namespace: of the route.
        name: of the route.
        inference_routes: how many of the server's routes are inference.
    """
    numbers = "".join(map(str, range(inference_routes)))
    return f"httproute/{namespace}/{name}/rule/[{numbers}]"


def _rule(workload: Workload, route: Route) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "matches": [{"path": {"type": match.kind, "value": match.path}} for match in route.matches],
        "backendRefs": [{"name": workload.name, "port": route.port}],
        "timeouts": {"request": f"{workload.request_timeout_seconds}s"},
    }
    if route.rewrite is not None:
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": route.rewrite}
        rule["filters"] = [{"type": "URLRewrite", "urlRewrite": {"path": path}}]
    return rule
