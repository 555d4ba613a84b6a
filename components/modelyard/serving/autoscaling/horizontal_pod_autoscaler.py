"""A HorizontalPodAutoscaler (Kubernetes ``autoscaling/v2``)."""

from __future__ import annotations

from typing import Any

from ...environment.scaling import Scaling
from ..workload.quantities import metric
from .pace import pace
from .scale_target import ScaleTarget
from .signals import targets

CPU_PERCENT = 70
"""Of the requested processors, for a runtime that does not say how long requests wait."""


def horizontal_pod_autoscaler(target: ScaleTarget, scaling: Scaling) -> dict[str, Any]:
    """Replicas from the queue, the first thing that grows when a GPU is busy; from processor time where the runtime
    does not measure its queue and no target is declared.

    It owns the replicas, also where minimum and maximum are the same.
    """
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": target.name, "namespace": target.namespace, "labels": dict(target.labels)},
        "spec": {
            "scaleTargetRef": {"apiVersion": target.api_version, "kind": target.kind, "name": target.name},
            "minReplicas": scaling.min_replicas,
            "maxReplicas": scaling.max_replicas,
            "metrics": [_metric(target, scaling)],
            "behavior": pace(scaling),
        },
    }


def _metric(target: ScaleTarget, scaling: Scaling) -> dict[str, Any]:
    wanted = targets(scaling, target)
    if not wanted or target.adapter_metric is None:
        return {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": CPU_PERCENT}},
        }
    return {
        "type": "Pods",
        "pods": {
            "metric": {"name": target.adapter_metric},
            "target": {"type": "AverageValue", "averageValue": metric(wanted[0].value)},
        },
    }
