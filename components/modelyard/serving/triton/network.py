"""Service, HTTPRoute and NetworkPolicy of a served model."""

from __future__ import annotations

from typing import Any

from ...capacity.software.gateway import PROXY_PODS
from ...capacity.software.namespaces import MONITORING
from .identity import metadata_addresses
from .served_model import GRPC_PORT, HTTP_PORT, METRICS_PORT, ServedModel

_LINK_LOCAL = "169.254.0.0/16"

PROMETHEUS_PODS = {"app.kubernetes.io/name": "prometheus"}


def service(model: ServedModel) -> dict[str, Any]:
    """Ports ``http`` 8000, ``grpc`` 8001 (HTTP/2 in clear text) and ``metrics`` 8002."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        # The Deployment is waited for, with the time that a GPU node may take; a Service gives up after ten minutes.
        "metadata": model.metadata(annotations={"pulumi.com/skipAwait": "true"}),
        "spec": {
            "type": "ClusterIP",
            "selector": model.selector,
            "ports": [
                {"name": "http", "port": HTTP_PORT, "targetPort": "http", "protocol": "TCP", "appProtocol": "http"},
                {
                    "name": "grpc",
                    "port": GRPC_PORT,
                    "targetPort": "grpc",
                    "protocol": "TCP",
                    "appProtocol": "kubernetes.io/h2c",
                },
                {"name": "metrics", "port": METRICS_PORT, "targetPort": "metrics", "protocol": "TCP"},
            ],
        },
    }


def http_route(model: ServedModel) -> dict[str, Any] | None:
    """HTTPS and gRPC on one hostname; None without a hostname.

    Only inference, metadata and health of this model pass: what manages the server has no path from outside.
    Inference has rules of its own, the first two, since the gateway measures latency by rule
    (:func:`inference_clusters`).
    """
    if model.hostname is None:
        return None
    below = f"/v2/models/{model.name}"
    infer = [
        f"{below}/infer",
        *(f"{below}/versions/{version}/infer" for version in model.versions),
        f"{below}/generate",
        f"{below}/generate_stream",
    ]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": model.metadata(),
        "spec": {
            "parentRefs": [{"name": model.gateway.name, "namespace": model.gateway.namespace, "sectionName": "https"}],
            "hostnames": [model.hostname],
            "rules": [
                _rule(model, HTTP_PORT, [_path("Exact", path) for path in infer]),
                _rule(model, GRPC_PORT, _grpc("ModelInfer", "ModelStreamInfer")),
                _rule(
                    model,
                    HTTP_PORT,
                    [_path("PathPrefix", below), _path("PathPrefix", "/v2/health"), _path("Exact", "/v2")],
                ),
                _rule(
                    model,
                    GRPC_PORT,
                    _grpc("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata"),
                ),
            ],
        },
    }


def inference_clusters(namespace: str, name: str) -> str:
    """Regular expression of the names under which Envoy Gateway's proxies count this model's inference requests
    (label ``envoy_cluster_name``): ``httproute/<namespace>/<route>/rule/<number>``."""
    return f"httproute/{namespace}/{name}/rule/[01]"


def network_policy(model: ServedModel) -> dict[str, Any]:
    """Requests from the gateway, scrapes from Prometheus, nothing else in. Out go DNS, what credentials come from and
    HTTPS, through which the model is fetched: object stores have no addresses that a policy could name."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": model.metadata(),
        "spec": {
            "podSelector": {"matchLabels": model.selector},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [_pods(model.gateway.namespace, PROXY_PODS)],
                    "ports": [_tcp(HTTP_PORT), _tcp(GRPC_PORT)],
                },
                {"from": [_pods(MONITORING, PROMETHEUS_PODS)], "ports": [_tcp(METRICS_PORT)]},
            ],
            "egress": [
                {
                    "to": [_pods("kube-system", {"k8s-app": "kube-dns"})],
                    "ports": [{"port": 53, "protocol": "UDP"}, _tcp(53)],
                },
                *(
                    {"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs], "ports": [_tcp(port)]}
                    for port, cidrs in metadata_addresses(model.identity)
                ),
                {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [_LINK_LOCAL]}}], "ports": [_tcp(443)]},
            ],
        },
    }


def _rule(model: ServedModel, port: int, matches: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "matches": matches,
        "backendRefs": [{"name": model.name, "port": port}],
        "timeouts": {"request": f"{model.request_timeout_seconds}s"},
    }


def _grpc(*methods: str) -> list[dict[str, Any]]:
    return [_path("Exact", f"/inference.GRPCInferenceService/{method}") for method in methods]


def _path(kind: str, value: str) -> dict[str, Any]:
    return {"path": {"type": kind, "value": value}}


def _pods(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
