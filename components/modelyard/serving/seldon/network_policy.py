"""The NetworkPolicy of a Server's pods."""

from __future__ import annotations

from typing import Any

from ...capacity.software.namespaces import MONITORING
from ..workload.network_policy import PROMETHEUS_PODS
from ..workload.network_policy import network_policy as of_workload
from .served_model import ServedModel, metadata

_AGENT_PORTS = (9001, 9501, 9007, 9008)
"""Of the agent that stands before the server: HTTP, gRPC, draining and readiness."""
_METRICS_PORT = 9006
_SCHEDULER_PORTS = (9005, 9055)


def network_policy(served: ServedModel) -> dict[str, Any]:
    """Requests from Seldon's own pods in the same namespace, scrapes from Prometheus; out to its scheduler, to DNS, to
    what credentials come from and, over HTTPS, to the model store. Policies of Seldon's own pods belong to its
    installation."""
    policy = of_workload(served.workload, mesh=served.workload.mesh)
    neighbours: list[dict[str, Any]] = [{"podSelector": {}}]
    prometheus = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": MONITORING}},
        "podSelector": {"matchLabels": PROMETHEUS_PODS},
    }
    egress = [*policy["spec"]["egress"], {"to": neighbours, "ports": [_tcp(port) for port in _SCHEDULER_PORTS]}]
    return {
        **policy,
        "metadata": metadata(served),
        "spec": {
            **policy["spec"],
            "podSelector": {"matchLabels": {"seldon-server-name": served.name}},
            "ingress": [
                {"from": neighbours, "ports": [_tcp(port) for port in _AGENT_PORTS]},
                {"from": [prometheus], "ports": [_tcp(_METRICS_PORT)]},
            ],
            "egress": egress,
        },
    }


def _tcp(port: int) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}
