"""HorizontalPodAutoscaler and PodDisruptionBudget of a served model."""

from __future__ import annotations

from typing import Any

from ...capacity.software.prometheus_adapter import QUEUE_METRIC
from .quantities import metric
from .served_model import ServedModel


def horizontal_pod_autoscaler(model: ServedModel) -> dict[str, Any]:
    """Replicas from the queue, the first thing that grows when a GPU is busy (``autoscaling/v2``).

    It owns the Deployment's replicas, also where minimum and maximum are the same.
    """
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": model.metadata(),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": model.name},
            "minReplicas": model.min_replicas,
            "maxReplicas": model.max_replicas,
            "metrics": [
                {
                    "type": "Pods",
                    "pods": {
                        "metric": {"name": QUEUE_METRIC},
                        "target": {"type": "AverageValue", "averageValue": metric(model.target_queue_ms)},
                    },
                }
            ],
            # A new replica may need a new GPU node: up at once, down only when ten quiet minutes have passed.
            "behavior": {
                "scaleUp": {
                    "stabilizationWindowSeconds": 30,
                    "selectPolicy": "Max",
                    "policies": [
                        {"type": "Percent", "value": 100, "periodSeconds": 60},
                        {"type": "Pods", "value": 2, "periodSeconds": 60},
                    ],
                },
                "scaleDown": {
                    "stabilizationWindowSeconds": 600,
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 120}],
                },
            },
        },
    }


def pod_disruption_budget(model: ServedModel) -> dict[str, Any]:
    """One pod at a time, counted from the top: a single replica may move too, so a drain always ends. Pods that are
    not ready never hold a node back."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": model.metadata(),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": model.selector},
        },
    }
