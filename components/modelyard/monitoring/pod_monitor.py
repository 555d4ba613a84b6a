"""What Prometheus scrapes of pods that a controller makes, in a department's namespace."""

from __future__ import annotations

from typing import Any

from ..governance.ownership import Ownership

_TARGET_LABELS = ["modelyard.dev/department", "modelyard.dev/cost-center", "modelyard.dev/model"]
_ENDPOINTS = {
    "triton": ("metrics", 8002, "/metrics"),
    "tensorflow_serving": ("http", 8501, "/monitoring/prometheus/metrics"),
    "torchserve": ("metrics", 8082, "/metrics"),
    "mlserver": ("metrics", 8082, "/metrics"),
    "sklearnserver": ("http", 8080, "/metrics"),
    "xgbserver": ("http", 8080, "/metrics"),
}
"""By server: name and number of the port that tells metrics, and their path."""
_KNATIVE_PORT = "user-port"
"""How Knative calls the one port of its container (``pkg/reconciler/revision/resources`` of Knative Serving)."""


def kserve_monitor(
    ownership: Ownership, *, server: str, knative: bool = False, scrape_interval_seconds: int
) -> dict[str, Any]:
    """One PodMonitor for the predictors of one server that KServe runs (prometheus-operator).

    The Services that KServe makes carry no labels of the model. Series get ``namespace`` and ``pod`` from the operator,
    and ``service`` as if their predictor's Service had been scraped: ``<InferenceService>-predictor``. In mode knative
    the container has one port, so that the one of metrics is asked by its number.
    """
    port, number, path = _ENDPOINTS[server]
    of_knative = {"key": "serving.knative.dev/revision", "operator": "Exists" if knative else "DoesNotExist"}
    kserve = {"key": "serving.kserve.io/inferenceservice", "operator": "Exists"}
    relabelings = [_service("serving_kserve_io_inferenceservice", "$1-predictor")]
    if knative:
        address = {"sourceLabels": ["__meta_kubernetes_pod_ip"], "replacement": f"$1:{number}"}
        relabelings.append({**address, "regex": "(.+)", "targetLabel": "__address__", "action": "replace"})
    return _pod_monitor(
        ownership,
        f"kserve-{server.replace('_', '-')}{'-knative' if knative else ''}",
        {
            "matchLabels": {
                "app.kubernetes.io/name": server.replace("_", "-"),
                "app.kubernetes.io/managed-by": "modelyard",
            },
            "matchExpressions": [kserve, of_knative],
        },
        {"port": _KNATIVE_PORT if knative else port, "path": path, "relabelings": relabelings},
        scrape_interval_seconds,
    )


def seldon_monitor(ownership: Ownership, *, scrape_interval_seconds: int) -> dict[str, Any]:
    """One PodMonitor for the Servers of Seldon Core 2 in the namespace, also those that models share: their agents
    count every model. ``service`` is the Server."""
    return _pod_monitor(
        ownership,
        "seldon-agents",
        {"matchExpressions": [{"key": "seldon-server-name", "operator": "Exists"}]},
        {"port": "metrics", "path": "/metrics", "relabelings": [_service("seldon_server_name", "$1")]},
        scrape_interval_seconds,
    )


def _pod_monitor(
    ownership: Ownership, name: str, selector: dict[str, Any], endpoint: dict[str, Any], interval_seconds: int
) -> dict[str, Any]:
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": name, "namespace": ownership.department, "labels": ownership.kubernetes_labels()},
        "spec": {
            "selector": selector,
            "podTargetLabels": _TARGET_LABELS,
            "podMetricsEndpoints": [
                {
                    **endpoint,
                    "interval": f"{interval_seconds}s",
                    "scrapeTimeout": f"{min(10, interval_seconds)}s",
                }
            ],
        },
    }


def _service(label: str, replacement: str) -> dict[str, Any]:
    return {
        "sourceLabels": [f"__meta_kubernetes_pod_label_{label}"],
        "regex": "(.+)",
        "replacement": replacement,
        "targetLabel": "service",
        "action": "replace",
    }
