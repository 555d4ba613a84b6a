"""The PodDisruptionBudget of a workload."""

from __future__ import annotations

from typing import Any

from .workload import Workload


def pod_disruption_budget(workload: Workload) -> dict[str, Any]:
    """One pod at a time, counted from the top: a single replica may move too, so a drain always ends. Pods that are
    not ready never hold a node back."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": workload.metadata(),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": workload.selector},
        },
    }
