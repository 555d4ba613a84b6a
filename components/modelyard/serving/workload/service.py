"""The Service of a workload."""

from __future__ import annotations

from typing import Any

from .server import Port
from .workload import Workload


def service(workload: Workload) -> dict[str, Any]:
    """Every port that somebody outside the pod may reach, by the name that the container gives it."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        # The Deployment is waited for, with the time that a GPU node may take; a Service gives up after ten minutes.
        "metadata": workload.metadata(annotations={"pulumi.com/skipAwait": "true"}),
        "spec": {
            "type": "ClusterIP",
            "selector": workload.selector,
            "ports": [_port(port) for port in workload.server.ports if port.open_to != "nobody"],
        },
    }


def _port(port: Port) -> dict[str, Any]:
    protocol = {"appProtocol": port.app_protocol} if port.app_protocol else {}
    return {"name": port.name, "port": port.number, "targetPort": port.name, "protocol": "TCP", **protocol}
