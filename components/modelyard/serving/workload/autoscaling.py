"""The HorizontalPodAutoscaler of a workload."""

from __future__ import annotations

from typing import Any

from .quantities import metric
from .workload import Workload

_CPU_PERCENT = 70
"""Of the requested processors, for a runtime that does not say how long requests wait."""


def horizontal_pod_autoscaler(workload: Workload) -> dict[str, Any]:
    """Replicas from the queue, the first thing that grows when a GPU is busy (``autoscaling/v2``); from processor time
    where the runtime does not measure its queue.

    It owns the Deployment's replicas, also where minimum and maximum are the same.
    """
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": workload.metadata(),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.name},
            "minReplicas": workload.min_replicas,
            "maxReplicas": workload.max_replicas,
            "metrics": [_target(workload)],
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


def _target(workload: Workload) -> dict[str, Any]:
    name = workload.server.scaling_metric
    if name is None:
        return {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": _CPU_PERCENT}},
        }
    return {
        "type": "Pods",
        "pods": {
            "metric": {"name": name},
            "target": {"type": "AverageValue", "averageValue": metric(workload.target_queue_ms)},
        },
    }
