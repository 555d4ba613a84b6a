"""The HTTPRoute of a workload: the paths that the gateway lets through to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .placement import Gateway
from .server import Route
from .workload import Workload


def http_route(workload: Workload) -> dict[str, Any] | None:
    """One hostname; None without a hostname.

    Only what the runtime's routes name passes: what manages the server has no path from outside. Inference has rules
    of its own, the first ones, since the gateway measures latency by rule (:func:`inference_clusters`).
    """
    if workload.hostname is None:
        return None
    rules = [
        rule(route, [{"name": workload.name, "port": route.port}], workload.request_timeout_seconds)
        for route in workload.server.routes
    ]
    return route_of_rules(workload.metadata(), workload.gateway, workload.hostname, rules)


def route_of_rules(
    metadata: dict[str, Any], gateway: Gateway, hostname: str, rules: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The object (``gateway.networking.k8s.io/v1``), attached to the gateway's listener ``https``."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata,
        "spec": {
            "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace, "sectionName": "https"}],
            "hostnames": [hostname],
            "rules": list(rules),
        },
    }


def rule(
    route: Route,
    backends: Sequence[dict[str, Any]],
    request_timeout_seconds: int,
    filters: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """One rule: the paths of a route, to these ``backendRefs``.

    Args:
        route: its paths, and the path that the server knows in their place.
        backends: where requests go, each with its weight where there are several.
        request_timeout_seconds: the gateway ends a request after so long.
        filters: of the rule, besides the rewriting of its path.
    """
    made: dict[str, Any] = {
        "matches": [{"path": {"type": match.kind, "value": match.path}} for match in route.matches],
        "backendRefs": list(backends),
        "timeouts": {"request": f"{request_timeout_seconds}s"},
    }
    rewritten = []
    if route.rewrite is not None:
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": route.rewrite}
        rewritten = [{"type": "URLRewrite", "urlRewrite": {"path": path}}]
    if rewritten or filters:
        made["filters"] = [*rewritten, *filters]
    return made


def inference_clusters(namespace: str, name: str, inference_routes: int = 2, routes: int | None = None) -> str:
    """Regular expression of the names under which Envoy Gateway's proxies count this model's inference requests
    (label ``envoy_cluster_name``): ``httproute/<namespace>/<route>/rule/<number>``, and below it ``/backend/<number>``
    where a route tells its backends apart.

    Args:
        namespace: of the route.
        name: of the route.
        inference_routes: how many of the server's routes are inference.
        routes: how many routes the server has, where the model has a canary beside it: its route holds them three
            times (:mod:`~modelyard.serving.rollout.split_route`).
    """
    if routes is None:
        return f"httproute/{namespace}/{name}/rule/[{''.join(map(str, range(inference_routes)))}](/backend/[0-9]+)?"
    numbers = [str(rules * routes + place) for rules in range(3) for place in range(inference_routes)]
    return f"httproute/{namespace}/{name}/rule/({'|'.join(numbers)})(/backend/[0-9]+)?"


def declared_routes(*, http_alone: bool = False) -> tuple[Route, ...]:
    """The routes of a server as far as they follow from its declaration, without ports and paths: inference over HTTP
    and gRPC, then what is asked besides, by both. Every server has these; requests that KServe's transformer takes
    first come over HTTP alone."""
    protocols = 1 if http_alone else 2
    return (*[Route(0, (), inference=True)] * protocols, *[Route(0, ())] * protocols)
