"""prometheus-adapter, which serves Prometheus' answers as metrics for autoscalers: values of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .prometheus_stack import PROMETHEUS_URL

QUEUE_METRIC = "triton_queue_ms"
"""Average time in milliseconds that a request waited in Triton's queue, by pod."""


def queue_rule() -> dict[str, Any]:
    """The rule behind :data:`QUEUE_METRIC` (prometheus-adapter documentation, "Configuration").

    A pod without requests waits 0 ms: the number of requests is clamped from below, so nothing is divided by zero.
    For an ensemble, time in the queues of all its models is summed over the requests to the one that is asked most.
    """
    queue = "rate(nv_inference_queue_duration_us{<<.LabelMatchers>>}[2m])"
    # Triton counts by GPU: the counts of one model belong together before models are compared.
    requests = "sum by (<<.GroupBy>>, model) (rate(nv_inference_request_success{<<.LabelMatchers>>}[2m]))"
    return {
        "seriesQuery": 'nv_inference_queue_duration_us{namespace!="",pod!=""}',
        "resources": {"overrides": {"namespace": {"resource": "namespace"}, "pod": {"resource": "pod"}}},
        "name": {"as": QUEUE_METRIC},
        "metricsQuery": (
            f"sum by (<<.GroupBy>>) ({queue}) / 1000 / clamp_min(max by (<<.GroupBy>>) ({requests}), 0.001)"
        ),
    }


def prometheus_adapter_values(*, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version. Only our own rule: the default ones would ask Prometheus
    for every series there is."""
    return {
        "prometheus": {"url": PROMETHEUS_URL, "port": 9090},
        "replicas": 2,
        "rules": {"default": False, "custom": [queue_rule()]},
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "nodeSelector": dict(system_nodes),
    }
