"""KEDA, which scales by what Prometheus answers, by the hour, and down to zero: values of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def keda_values(*, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version.

    Two operators, of which one works while the other waits: without any, nothing wakes a model that sleeps. The
    metrics server is what HorizontalPodAutoscalers ask; it is the one API service ``external.metrics.k8s.io`` of the
    cluster, beside prometheus-adapter's ``custom.metrics.k8s.io``.
    """
    return {
        "operator": {"replicaCount": 2, "nodeSelector": dict(system_nodes)},
        "metricsServer": {"replicaCount": 2, "nodeSelector": dict(system_nodes)},
        "webhooks": {"replicaCount": 2, "nodeSelector": dict(system_nodes)},
        "podDisruptionBudget": {part: {"maxUnavailable": 1} for part in ("operator", "metricServer", "webhooks")},
        "resources": {
            part: {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}
            for part in ("operator", "metricServer", "webhooks")
        },
        # Deployments and StatefulSets are all that is scaled here.
        "rbac": {"enabledCustomScaledRefKinds": False},
        "image": {"pullPolicy": "IfNotPresent"},
    }
