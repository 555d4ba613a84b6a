"""AWS's EFA device plugin, which tells Kubernetes of a node's Elastic Fabric Adapters: values of its chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .device_plugin import GPU_TOLERATIONS


def efa_values(pools: Sequence[str]) -> dict[str, Any]:
    """Follows values.yaml of the chart ``aws-efa-k8s-device-plugin`` and "Manage EFA devices on Amazon EKS" of the EKS
    user guide. Pods then ask for ``vpc.amazonaws.com/efa``, as many as their node has interfaces.

    Args:
        pools: whose nodes have EFA interfaces. The chart's own list of machine types would take nodes in, too, that
            could have some.
    """
    return {
        "supportedInstanceLabels": {"keys": ["modelyard.dev/pool"], "values": list(pools)},
        "tolerations": GPU_TOLERATIONS,
    }
