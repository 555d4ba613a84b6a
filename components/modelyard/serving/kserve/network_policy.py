"""NetworkPolicies of an InferenceService: one for the predictor, one for a transformer and one for an explainer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...capacity.software.gateway import PROXY_PODS
from ...capacity.software.mesh import mesh_egress, mesh_ingress, mesh_ports
from ...capacity.software.namespaces import MONITORING
from ..workload.name_service import dns_egress
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
    workload = service.workload
    policy = network_policy(workload, mesh=workload.mesh)
    server, prometheus = workload.server, _pods(MONITORING, PROMETHEUS_PODS)
    asking = [_pods(workload.gateway.namespace, PROXY_PODS)]
    ingress: list[dict[str, Any]] = []
    if service.mode == "knative":
        knative = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": KNATIVE_NAMESPACE}}}, *asking]
        ingress.append(_from(service, knative, _QUEUE_PROXY_PORTS))
    elif service.transformer is None:
        ingress.append(_from(service, asking, [port.number for port in server.ports if port.is_open_to("gateway")]))
    near = [{"podSelector": {"matchLabels": selector(service, kind)}} for kind in companions]
    if service.transformer is None:
        near += _graphs(service)
    if near:
        ingress.append(_from(service, near, [server.ports[0].number]))
    ingress += [_from(service, [prometheus], [metrics_port(service)]), *mesh_ingress(workload.mesh, prometheus)]
    return {**policy, "spec": {**policy["spec"], "ingress": ingress}}


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
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": service.workload.metadata(f"{service.name}-{kind}"),
        "spec": {
            "podSelector": {"matchLabels": selector(service, kind)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [_from(service, sources, [HTTP_PORT])],
            "egress": [
                dns_egress(),
                *asked,
                *mesh_egress(service.workload.mesh),
            ],
        },
    }


def _from(service: InferenceService, peers: list[dict[str, Any]], ports: Sequence[int]) -> dict[str, Any]:
    """With the ports that a mesh carries requests by."""
    return {"from": peers, "ports": [_tcp(port) for port in (*ports, *mesh_ports(service.workload.mesh))]}


def _graphs(service: InferenceService) -> list[dict[str, Any]]:
    return [{"podSelector": {"matchLabels": {_GRAPH_PODS: name}}} for name in service.in_graphs]


def _pods(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
