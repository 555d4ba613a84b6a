"""The InferenceGraph (``serving.kserve.io/v1alpha1``): models asked one after another, at once, or one of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...capacity.software.gateway import PROXY_PODS
from ...environment.access import NO_ACCESS, Access
from ...environment.inference_graph import GraphNode, GraphStep
from ...environment.kserve import DeploymentMode
from ...governance.ownership import Ownership
from ..workload.http_route import route_of_rules, rule
from ..workload.name_service import dns_egress
from ..workload.placement import Gateway
from ..workload.quantities import cpu, gibibytes
from ..workload.server import PathMatch, Route
from .inference_service import HTTP_SERVICE_PORT, visibility

ROUTER_PORT = 8080
"""Port of KServe's router."""


@dataclass(frozen=True, slots=True)
class Graph:
    """What an InferenceGraph and the objects around it are made of."""

    name: str
    cluster: str
    ownership: Ownership
    nodes: Mapping[str, GraphNode]
    mode: DeploymentMode
    model_ports: Mapping[str, int]
    """Models that the router asks, and the port of their pods."""
    min_replicas: int
    max_replicas: int
    cpu: float
    memory_gib: float
    price_basis: str | None
    timeout_seconds: int
    hostname: str | None
    gateway: Gateway
    access: Access = NO_ACCESS

    @property
    def namespace(self) -> str:
        return self.ownership.department

    @property
    def labels(self) -> dict[str, str]:
        own = {"app.kubernetes.io/name": "kserve-router", "app.kubernetes.io/instance": self.name}
        return {**own, **self.ownership.kubernetes_labels()}

    def metadata(self) -> dict[str, Any]:
        return {"name": self.name, "namespace": self.namespace, "labels": self.labels}


def inference_graph(graph: Graph) -> dict[str, Any]:
    """The whole object. KServe's router does what it says; it runs without a service account's token, as KServe has it.

    KServe 0.20 gives the router no seccomp profile, so a namespace that enforces the ``restricted`` Pod Security
    Standard refuses its pods: an admission policy has to add one, or the namespace to enforce ``baseline``.
    """
    memory = gibibytes(graph.memory_gib)
    priced = {} if graph.price_basis is None else {"modelyard.dev/price-basis": graph.price_basis}
    metadata = graph.metadata()
    metadata["labels"] = {**metadata["labels"], **visibility(graph.mode)}
    metadata["annotations"] = {
        "serving.kserve.io/deploymentMode": graph.mode.capitalize(),
        "modelyard.dev/cluster": graph.cluster,
        **priced,
        "pulumi.com/waitFor": "condition=Ready",
        "pulumi.com/timeoutSeconds": "900",
    }
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "InferenceGraph",
        "metadata": metadata,
        "spec": {
            "nodes": {name: _node(node) for name, node in graph.nodes.items()},
            "resources": {"requests": {"cpu": cpu(graph.cpu), "memory": memory}, "limits": {"memory": memory}},
            "timeout": graph.timeout_seconds,
            "routerTimeouts": {
                "serverRead": graph.timeout_seconds,
                "serverWrite": graph.timeout_seconds,
                "serviceClient": graph.timeout_seconds,
            },
            "minReplicas": graph.min_replicas,
            "maxReplicas": graph.max_replicas,
            **({"scaleMetric": "cpu", "scaleTarget": 70} if graph.mode == "standard" else {}),
        },
    }


def graph_network_policy(graph: Graph) -> dict[str, Any]:
    """Requests from the gateway; out to DNS, and to the pods of the models that steps name. A step's URL has no address
    that a policy could name: HTTPS is let out where there is one."""
    urls = [step.url for node in graph.nodes.values() for step in node.steps if step.url is not None]
    egress = [dns_egress()]
    egress += [
        {"to": [{"podSelector": {"matchLabels": {"serving.kserve.io/inferenceservice": model}}}], "ports": [_tcp(port)]}
        for model, port in graph.model_ports.items()
    ]
    if urls:
        egress.append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}], "ports": [_tcp(443)]})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": graph.metadata(),
        "spec": {
            "podSelector": {"matchLabels": {"serving.kserve.io/inferencegraph": graph.name}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [_pods(graph.gateway.namespace, PROXY_PODS)], "ports": [_tcp(ROUTER_PORT)]}],
            "egress": egress,
        },
    }


def graph_disruption_budget(graph: Graph) -> dict[str, Any]:
    """One router at a time, so that a drain always ends."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": graph.metadata(),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": {"serving.kserve.io/inferencegraph": graph.name}},
        },
    }


def graph_route(graph: Graph) -> dict[str, Any] | None:
    """Everything below ``/`` of one hostname; None without. The router takes any path, and hands no path on."""
    if graph.hostname is None:
        return None
    route = Route(HTTP_SERVICE_PORT, (PathMatch("Exact", "/"),), inference=True)
    rules = [rule(route, [{"name": graph.name, "port": HTTP_SERVICE_PORT}], graph.timeout_seconds)]
    return route_of_rules(graph.metadata(), graph.gateway, graph.hostname, rules)


def _node(node: GraphNode) -> dict[str, Any]:
    return {"routerType": node.router, "steps": [_step(step) for step in node.steps]}


def _step(step: GraphStep) -> dict[str, Any]:
    given = {
        "name": step.name,
        "serviceName": step.model,
        "nodeName": step.node,
        "serviceUrl": step.url,
        "data": step.data,
        "mapPredictionsToInstances": step.map_predictions_to_instances or None,
        "weight": step.weight,
        "condition": step.condition,
        "dependency": step.dependency,
    }
    return {key: value for key, value in given.items() if value is not None}


def _pods(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
