"""What changes where a service mesh encrypts the way from the gateway to the pods. The mesh itself is somebody else's.

Follows "Add workloads to the mesh" and "Ambient and Kubernetes NetworkPolicy" of Istio's documentation (ambient mode,
which needs nothing in the pods, so that they stay ``restricted``), and "Automatic Proxy Injection" and "Authorization
Policy" of Linkerd's (with its CNI plugin, for the same reason). No mesh was there to try it with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Mesh = Literal["none", "istio", "linkerd"]

HBONE_PORT = 15008
"""Where Istio's ztunnel answers for a pod."""
PROXY_PORT = 4143
"""Where Linkerd's proxy answers for a pod."""
PROXY_ADMIN_PORT = 4191
"""Metrics and health of Linkerd's proxy."""
_PROBES_OF_ISTIO = ("169.254.7.127/32", "fd16:9254:7127:1337:ffff:ffff:ffff:ffff/128")
"""Where probes of the kubelet come from, once Istio has marked them."""


def namespace_metadata(mesh: Mesh, *, serves: bool) -> dict[str, dict[str, str]]:
    """Labels and annotations of a namespace whose pods are part of the mesh: departments', the gateway's and
    Prometheus'.

    Args:
        mesh: as declared.
        serves: whether its pods are models, which answer nobody who does not prove an identity.
    """
    if mesh == "istio":
        return {"labels": {"istio.io/dataplane-mode": "ambient"}}
    if mesh == "linkerd":
        # Probes are let through by Linkerd itself.
        proven = {"config.linkerd.io/default-inbound-policy": "cluster-authenticated"} if serves else {}
        return {"annotations": {"linkerd.io/inject": "enabled", **proven}}
    return {}


def strict(mesh: Mesh, namespace: str, labels: Mapping[str, str]) -> dict[str, Any] | None:
    """The object that refuses what is not encrypted; None where there is no need of one. Linkerd is told by
    :func:`namespace_metadata`."""
    if mesh != "istio":
        return None
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": "strict", "namespace": namespace, "labels": dict(labels)},
        "spec": {"mtls": {"mode": "STRICT"}},
    }


def mesh_ports(mesh: Mesh) -> tuple[int, ...]:
    """Ports that requests to a pod come in by besides its own."""
    return {"none": (), "istio": (HBONE_PORT,), "linkerd": (PROXY_PORT,)}[mesh]


def mesh_ingress(mesh: Mesh, prometheus: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Further rules of a pod's NetworkPolicy.

    Args:
        mesh: as declared.
        prometheus: the peer that scrapes.
    """
    if mesh == "istio":
        return [{"from": [{"ipBlock": {"cidr": cidr}} for cidr in _PROBES_OF_ISTIO]}]
    if mesh == "linkerd":
        return [{"from": [dict(prometheus)], "ports": [{"port": PROXY_ADMIN_PORT, "protocol": "TCP"}]}]
    return []


def mesh_egress(mesh: Mesh) -> list[dict[str, Any]]:
    """Further ways out: Linkerd's proxies ask its control plane whom to trust."""
    if mesh != "linkerd":
        return []
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "linkerd"}}}
    return [{"to": [peer], "ports": [{"port": port, "protocol": "TCP"} for port in (8080, 8086, 8090)]}]
