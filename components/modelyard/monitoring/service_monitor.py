"""What Prometheus scrapes in a department's namespace."""

from __future__ import annotations

from typing import Any

from ..governance.ownership import Ownership


def service_monitor(ownership: Ownership, *, scrape_interval_seconds: int) -> dict[str, Any]:
    """One ServiceMonitor for all Triton servers of the department (prometheus-operator).

    Series get the labels ``namespace``, ``pod`` and ``service`` (the model's name) from the operator, and department,
    cost centre and model from the Service's labels.
    """
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "triton", "namespace": ownership.department, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": {
                "matchLabels": {
                    "app.kubernetes.io/name": "triton",
                    "app.kubernetes.io/managed-by": "modelyard",
                }
            },
            "targetLabels": ["modelyard.dev/department", "modelyard.dev/cost-center", "modelyard.dev/model"],
            "endpoints": [
                {
                    "port": "metrics",
                    "path": "/metrics",
                    "interval": f"{scrape_interval_seconds}s",
                    "scrapeTimeout": f"{min(10, scrape_interval_seconds)}s",
                }
            ],
        },
    }
