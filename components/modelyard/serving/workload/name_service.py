"""Where pods ask for names.

A NodeLocal DNSCache answers in front of the cluster's DNS: of GKE, which has it by default and redirects to its pods
with Dataplane V2, and of whoever installs it elsewhere, at its address ("NodeLocal DNSCache" of the GKE documentation,
"Using NodeLocal DNSCache in Kubernetes Clusters"). Dropped queries would leave a pod without the model that it fetches.
"""

from __future__ import annotations

from typing import Any

_NODE_LOCAL = "169.254.20.10/32"
_PODS = ("kube-dns", "node-local-dns")


def dns_egress() -> dict[str, Any]:
    """Rule of a NetworkPolicy that lets queries out."""
    system = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    peers = [{"namespaceSelector": system, "podSelector": {"matchLabels": {"k8s-app": each}}} for each in _PODS]
    return {
        "to": [*peers, {"ipBlock": {"cidr": _NODE_LOCAL}}],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    }
