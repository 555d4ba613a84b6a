"""NVIDIA's device plugin, which tells Kubernetes of a node's GPUs: values of its chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from ...environment.gpu_sharing import GpuSharing

GPU_TOLERATIONS: list[dict[str, str]] = [
    {"operator": "Exists", "effect": "NoSchedule"},
    {"operator": "Exists", "effect": "NoExecute"},
]
"""Pools may carry taints of their own; what makes their GPUs usable must run on each of them."""

DEFAULT_CONFIG = "whole"
"""Settings of nodes that name none: a device belongs to one pod."""

_PRESENT = {"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]}
"""Our own label of GPU nodes. The labels of Node Feature Discovery, which the chart's default affinity also takes, are
on no node of ours unless the GPU Operator is there."""
_LEFT_ALONE = {"key": "nvidia.com/gpu.deploy.operands", "values": ["false"]}
"""Nodes whose image or cloud announces their GPUs."""


def gpu_affinity(*, left_alone: bool | None = None) -> dict[str, Any]:
    """Nodes with NVIDIA GPUs: all; those that the image or the cloud looks after (True); or the others (False)."""
    expressions: list[dict[str, Any]] = [_PRESENT]
    if left_alone is not None:
        expressions.append({**_LEFT_ALONE, "operator": "In" if left_alone else "NotIn"})
    terms = {"nodeSelectorTerms": [{"matchExpressions": expressions}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}


def device_plugin_values(sharing: Mapping[str, GpuSharing] | None = None, *, mig: bool = False) -> dict[str, Any]:
    """Follows the chart's values.yaml at the pinned version.

    Args:
        sharing: settings by name, beside the default; a node chooses one by the label
            ``nvidia.com/device-plugin.config``.
        mig: whether any node has MIG instances; they are announced like GPUs (strategy ``single``).
    """
    values: dict[str, Any] = {
        "affinity": gpu_affinity(left_alone=False),
        "tolerations": GPU_TOLERATIONS,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        # A GPU that is not there is a broken node: it must show, not pass as a node without GPUs.
        "failOnInitError": True,
        "gfd": {"enabled": False},
        "nfd": {"enabled": False},
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    }
    if mig:
        values["migStrategy"] = "single"
    if sharing:
        values["config"] = {"map": plugin_configs(sharing), "default": DEFAULT_CONFIG}
    return values


def plugin_configs(sharing: Mapping[str, GpuSharing]) -> dict[str, str]:
    """Files of settings by name, the default among them (README of the device plugin, "Configuration File")."""
    return {DEFAULT_CONFIG: _file({}), **{name: _file(_shares(each)) for name, each in sharing.items()}}


def _shares(sharing: GpuSharing) -> dict[str, Any]:
    resources = {"resources": [{"name": "nvidia.com/gpu", "replicas": sharing.clients}]}
    if sharing.mps is not None:
        return {"sharing": {"mps": resources}}
    # Two shares of one GPU are no more than one: a pod that asks for two has misunderstood, and is told.
    return {"sharing": {"timeSlicing": {"failRequestsGreaterThanOne": True, **resources}}}


def _file(content: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"version": "v1", **content}, sort_keys=False)
