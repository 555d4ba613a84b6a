"""The HTTPRoute to Seldon's own Envoy, which finds a model or pipeline by a header."""

from __future__ import annotations

from typing import Any

from ..workload.http_route import route_of_rules, rule
from ..workload.placement import Gateway
from ..workload.server import PathMatch, Route
from ..workload.traffic_policy import backend_traffic_policy
from ..workload.workload import Workload

MESH = "seldon-mesh"
"""Service of Seldon's Envoy, in the namespace of its runtime."""
MESH_PORT = 80
HEADER = "seldon-model"


def route(workload: Workload, name: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """HTTPRoute and BackendTrafficPolicy of one hostname, for one model; None without a hostname."""
    policy = backend_traffic_policy(workload)
    if workload.hostname is None or policy is None:
        return None
    rules = rules_to(name, workload.model, workload.request_timeout_seconds)
    return route_of_rules(workload.metadata(), workload.gateway, workload.hostname, rules), policy


def pipeline_route(
    metadata: dict[str, Any], gateway: Gateway, hostname: str, name: str, timeout_seconds: int
) -> dict[str, Any]:
    """One hostname, for one pipeline."""
    return route_of_rules(metadata, gateway, hostname, rules_to(f"{name}.pipeline", name, timeout_seconds))


def rules_to(target: str, name: str, timeout_seconds: int) -> list[dict[str, Any]]:
    """Inference and metadata of the Open Inference Protocol. The header is ours to set: whatever a caller sends in it
    is replaced, so that one hostname reaches one model."""
    below = f"/v2/models/{name}"
    inference = (PathMatch("Exact", f"{below}/infer"),)
    grpc = (PathMatch("Exact", "/inference.GRPCInferenceService/ModelInfer"),)
    about = (PathMatch("Exact", below), PathMatch("Exact", f"{below}/ready"))
    header = {"set": [{"name": HEADER, "value": target}]}
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": header}]
    backend = [{"name": MESH, "port": MESH_PORT}]
    matched = (Route(MESH_PORT, inference, inference=True), Route(MESH_PORT, grpc, inference=True))
    return [rule(each, backend, timeout_seconds, filters) for each in (*matched, Route(MESH_PORT, about))]
