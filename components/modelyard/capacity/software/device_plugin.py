"""NVIDIA's device plugin, which tells Kubernetes of a node's GPUs: values of its chart."""

from __future__ import annotations

from typing import Any

GPU_TOLERATIONS: list[dict[str, str]] = [
    {"operator": "Exists", "effect": "NoSchedule"},
    {"operator": "Exists", "effect": "NoExecute"},
]
"""Pools may carry taints of their own; what makes their GPUs usable must run on each of them."""

GPU_AFFINITY: dict[str, Any] = {
    "nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [
                {"matchExpressions": [{"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]}]}
            ]
        }
    }
}
"""Our own label of GPU nodes. The labels of Node Feature Discovery, which the chart's default affinity also takes, are
on no node of ours."""


def device_plugin_values() -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version."""
    return {
        "affinity": GPU_AFFINITY,
        "tolerations": GPU_TOLERATIONS,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        # A GPU that is not there is a broken node: it must show, not pass as a node without GPUs.
        "failOnInitError": True,
        "gfd": {"enabled": False},
        "nfd": {"enabled": False},
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    }
