"""AWS Neuron's device plugin, which tells Kubernetes of Inferentia and Trainium: values of its chart."""

from __future__ import annotations

from typing import Any

from .device_plugin import GPU_TOLERATIONS


def neuron_values() -> dict[str, Any]:
    """Follows values.yaml of the chart ``neuron-helm-chart``. It finds its nodes by their instance types, and leaves
    out those of EKS Auto Mode, which have the plugin.

    Its scheduler, which sees to it that a pod's devices are neighbours, is left out: it asks for pods that name it, and
    a model that takes one device or all of a node's has no neighbours to choose. So is its node problem detector, since
    EKS's node monitoring agent knows Neuron.
    """
    return {
        "devicePlugin": {"tolerations": GPU_TOLERATIONS},
        "scheduler": {"enabled": False},
        "npd": {"enabled": False},
    }
