"""What Prometheus scrapes in a department's namespace."""

from __future__ import annotations

from typing import Any

from ..governance.ownership import Ownership

_ENDPOINTS = {
    "triton": ("triton", "metrics", "/metrics"),
    "tensorflow_serving": ("tensorflow-serving", "http", "/monitoring/prometheus/metrics"),
    "torchserve": ("torchserve", "metrics", "/metrics"),
}
"""By runtime: ``app.kubernetes.io/name`` of its Services, the port's name and the path."""


def service_monitor(ownership: Ownership, *, runtime: str = "triton", scrape_interval_seconds: int) -> dict[str, Any]:
    """One ServiceMonitor for all servers of a runtime in the department's namespace (prometheus-operator).

    Series get the labels ``namespace``, ``pod`` and ``service`` (the model's name, or its canary's) from the operator,
    and department, cost centre and model from the Service's labels.
    """
    name, port, path = _ENDPOINTS[runtime]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": name, "namespace": ownership.department, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": {
                "matchLabels": {
                    "app.kubernetes.io/name": name,
                    "app.kubernetes.io/managed-by": "modelyard",
                }
            },
            "targetLabels": ["modelyard.dev/department", "modelyard.dev/cost-center", "modelyard.dev/model"],
            "endpoints": [
                {
                    "port": port,
                    "path": path,
                    "interval": f"{scrape_interval_seconds}s",
                    "scrapeTimeout": f"{min(10, scrape_interval_seconds)}s",
                }
            ],
        },
    }
