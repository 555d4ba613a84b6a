"""The NetworkPolicy of a workload."""

from __future__ import annotations

from typing import Any, Literal

from ...capacity.software.gateway import PROXY_PODS
from ...capacity.software.mesh import Mesh, mesh_egress, mesh_ingress, mesh_ports
from ...capacity.software.namespaces import MONITORING
from .identity import metadata_addresses
from .name_service import dns_egress
from .workload import Workload

PROMETHEUS_PODS = {"app.kubernetes.io/name": "prometheus"}

_LINK_LOCAL = "169.254.0.0/16"


def network_policy(workload: Workload, *, mesh: Mesh = "none") -> dict[str, Any]:
    """Requests from the gateway, scrapes from Prometheus, nothing else in. Out go DNS, what credentials come from and
    HTTPS, through which the model is fetched: object stores have no addresses that a policy could name.

    Args:
        workload: whose pods it is for.
        mesh: that carries requests and scrapes, by ports of its own.
    """
    prometheus = _pods(MONITORING, PROMETHEUS_PODS)
    carried = [_tcp(port) for port in mesh_ports(mesh)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": workload.metadata(),
        "spec": {
            "podSelector": {"matchLabels": workload.selector},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                *_from(_pods(workload.gateway.namespace, PROXY_PODS), _open_to(workload, "gateway"), carried),
                *_from(prometheus, _open_to(workload, "prometheus"), carried),
                *mesh_ingress(mesh, prometheus),
            ],
            "egress": [
                dns_egress(),
                *(
                    {"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs], "ports": [_tcp(port)]}
                    for port, cidrs in metadata_addresses(workload.identity)
                ),
                {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [_LINK_LOCAL]}}], "ports": [_tcp(443)]},
                *mesh_egress(mesh),
            ],
        },
    }


def _from(peer: dict[str, Any], ports: list[dict[str, Any]], carried: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No rule where no port is open: one without ports would open them all."""
    return [{"from": [peer], "ports": [*ports, *carried]}] if ports else []


def _open_to(workload: Workload, who: Literal["gateway", "prometheus"]) -> list[dict[str, Any]]:
    return [_tcp(port.number) for port in workload.server.ports if port.is_open_to(who)]


def _pods(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": labels},
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
