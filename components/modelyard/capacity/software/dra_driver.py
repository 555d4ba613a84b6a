"""NVIDIA's driver for Dynamic Resource Allocation, which hands out GPUs by ResourceClaims: values of its chart, and the
claims that pods make.

Follows values.yaml and docs/install.md of the chart ``dra-driver-nvidia-gpu`` at the pinned version, "Dynamic Resource
Allocation" of the Kubernetes documentation (generally available since 1.34) and "Use the NVIDIA DRA driver or device
plugin" of the EKS user guide (not beside a device plugin on one node).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...environment.target import Cloud
from ...governance.ownership import Ownership
from ...resolve.gpu_announcer import BY_CLAIM
from .device_plugin import GPU_TOLERATIONS

NAMESPACE = "nvidia-dra-driver"
CLAIM = "gpu"
"""Name of the ResourceClaimTemplate for one whole GPU, in every namespace that has one."""

_DRIVER_ROOT: dict[Cloud, str] = {"gcp": "/home/kubernetes/bin/nvidia"}
"""Where the node's driver is, if not in the root."""


def dra_driver_values(cloud: Cloud, *, system_nodes: Mapping[str, str]) -> dict[str, Any]:
    """Whole GPUs and MIG instances that are there already. Domains over several nodes (Multi-Node NVLink) are left out:
    no serving runtime here spans nodes.

    The chart wants it said that no device plugin runs on these nodes: they carry
    :data:`~modelyard.resolve.gpu_announcer.BY_CLAIM` and ``nvidia.com/gpu.deploy.operands=false``, and ours keeps away
    from the latter.
    """
    expression = {"key": next(iter(BY_CLAIM)), "operator": "In", "values": list(BY_CLAIM.values())}
    terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
    return {
        "nvidiaDriverRoot": _DRIVER_ROOT.get(cloud, "/"),
        "gpuResourcesEnabledOverride": True,
        "resources": {"gpus": {"enabled": True}, "computeDomains": {"enabled": False}},
        "controller": {"nodeSelector": dict(system_nodes)},
        "kubeletPlugin": {
            "tolerations": GPU_TOLERATIONS,
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}},
        },
    }


def gpu_claim_template(ownership: Ownership, namespace: str) -> dict[str, Any]:
    """One whole GPU for each pod that names it. A pod that claims a GPU tolerates the taint of GPU nodes itself."""
    request = {"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": CLAIM, "namespace": namespace, "labels": ownership.kubernetes_labels()},
        "spec": {"spec": {"devices": {"requests": [request]}}},
    }
