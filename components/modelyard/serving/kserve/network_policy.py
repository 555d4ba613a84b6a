"""NetworkPolicies of an InferenceService: one for the predictor, one for a transformer and one for an explainer."""

from __future__ import annotations

from typing import Any

from ...capacity.software.gateway import PROXY_PODS
from ...capacity.software.namespaces import MONITORING
from ..workload.network_policy import PROMETHEUS_PODS, network_policy
from .companion import HTTP_PORT, selector
from .inference_service import InferenceService
from .serving_runtime import metrics_port

KNATIVE_NAMESPACE = "knative-serving"
_QUEUE_PROXY_PORTS = (8012, 8013, 8022, 9090, 9091)
"""Requests over HTTP/1 and HTTP/2, health, and metrics for the autoscaler (``networking`` of Knative Serving)."""
_GRAPH_PODS = "serving.kserve.io/inferencegraph"


def network_policies(service: InferenceService) -> list[dict[str, Any]]:
    """Requests from the gateway, or from what stands before the predictor; scrapes from Prometheus; nothing else in.
    Out go DNS, what credentials come from and HTTPS, as for every workload; a transformer and an explainer reach DNS
    and this predictor alone."""
    companions = [kind for kind in ("transformer", "explainer") if getattr(service, kind) is not None]
    return [_predictor(service, companions), *(_companion(service, kind) for kind in companions)]


def _predictor(service: InferenceService, companions: list[str]) -> dict[str, Any]:
    policy = network_policy(service.workload)
    server = service.workload.server
    first, scraped = server.ports[0].number, metrics_port(service)
    asking = [_pods(service.workload.gateway.namespace, PROXY_PODS)]
    ingress: list[dict[str, Any]] = []
    if service.mode == "knative":
        knative = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": KNATIVE_NAMESPACE}}}, *asking]
        ingress.append({"from": knative, "ports": [_tcp(port) for port in _QUEUE_PROXY_PORTS]})
    elif service.transformer is None:
        ingress.append({"from": asking, "ports": [_tcp(p.number) for p in server.ports if p.is_open_to("gateway")]})
    near = [{"podSelector": {"matchLabels": selector(service, kind)}} for kind in companions]
    if service.transformer is None:
        near += _graphs(service)
    if near:
        ingress.append({"from": near, "ports": [_tcp(first)]})
    ingress.append({"from": [_pods(MONITORING, PROMETHEUS_PODS)], "ports": [_tcp(scraped)]})
    return {**policy, "metadata": service.workload.metadata(), "spec": {**policy["spec"], "ingress": ingress}}


def _companion(service: InferenceService, kind: str) -> dict[str, Any]:
    gateway = _pods(service.workload.gateway.namespace, PROXY_PODS)
    graphs = _graphs(service) if kind == "transformer" else []
    # An explainer asks the transformer where there is one; the predictor's own labels say the rest.
    asked: list[dict[str, Any]] = [
        {
            "to": [{"podSelector": {"matchLabels": service.workload.selector}}],
            "ports": [_tcp(service.workload.server.ports[0].number)],
        }
    ]
    sources = [gateway, *graphs]
    if kind == "transformer" and service.explainer is not None:
        sources.append({"podSelector": {"matchLabels": selector(service, "explainer")}})
    if kind == "explainer" and service.transformer is not None:
        transformer = {"podSelector": {"matchLabels": selector(service, "transformer")}}
        asked.append({"to": [transformer], "ports": [_tcp(HTTP_PORT)]})
    dns = _pods("kube-system", {"k8s-app": "kube-dns"})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": service.workload.metadata(f"{service.name}-{kind}"),
        "spec": {
            "podSelector": {"matchLabels": selector(service, kind)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": sources, "ports": [_tcp(HTTP_PORT)]}],
            "egress": [{"to": [dns], "ports": [{"port": 53, "protocol": "UDP"}, _tcp(53)]}, *asked],
        },
    }


def _graphs(service: InferenceService) -> list[dict[str, Any]]:
    return [{"podSelector": {"matchLabels": {_GRAPH_PODS: name}}} for name in service.in_graphs]


def _pods(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
