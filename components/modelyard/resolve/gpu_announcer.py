"""Who tells Kubernetes of a node's GPUs, and the node labels by which that software finds the nodes and its settings.

Follows the README of NVIDIA's device plugin (``nvidia.com/device-plugin.config``, ``nvidia.com/mps.capable``), "MIG
Manager" and "Preventing Installation of Operands on Some Nodes" of the GPU Operator's documentation,
"kubelet-device-plugins" of Bottlerocket's, "Manage the GPU stack with the NVIDIA GPU Operator" of GKE's, and "Install
Kubernetes device plugin for GPUs" of the EKS user guide.
"""

from __future__ import annotations

from typing import Literal

from ..catalog import accelerators, mig_profiles
from ..environment.device import NEURON, TPU
from ..environment.gpu_pool import GpuPool, Provisioner
from ..environment.gpu_sharing import GpuSharing
from ..environment.target import Cloud

Announcer = Literal["plugin", "operator", "node", "dra", "neuron", "tpu"]
"""plugin: NVIDIA's device plugin, installed by its chart, or by the GPU Operator where a pool of the cluster needs that
one. operator: the GPU Operator, which also brings the driver or cuts GPUs. node: the machine image or the cloud brings
a device plugin and its settings; a second one would announce every GPU twice. dra: NVIDIA's driver for Dynamic Resource
Allocation, in place of any device plugin. neuron: AWS Neuron's device plugin. tpu: GKE's own, which it runs on nodes
with TPU chips."""
BY_CLAIM = {"modelyard.dev/gpu-allocation": "claim"}
"""Label of nodes whose GPUs are handed out by ResourceClaims."""

_OF_OTHERS: dict[str, Announcer] = {NEURON: "neuron", TPU: "tpu"}


def announcer(
    *,
    cloud: Cloud,
    accelerator: str,
    image: str,
    provisioner: Provisioner,
    driver_by: str,
    sharing: GpuSharing | None,
    dra: bool = False,
) -> Announcer:
    """Of the GPUs of one pool.

    Args:
        cloud: whose nodes they are.
        accelerator: as the catalogue names it.
        image: as declared, or the cloud's default.
        provisioner: of the pool.
        driver_by: image, cloud or gpu_operator.
        sharing: of the pool, if any.
        dra: whether pods get its GPUs by ResourceClaims.
    """
    if (resource := accelerators.get(accelerator).resource) in _OF_OTHERS:
        return _OF_OTHERS[resource]
    if dra:
        return "dra"
    if driver_by == "gpu_operator":
        return "operator"
    if cloud == "gcp" or provisioner == "auto_mode" or image.startswith("bottlerocket"):
        return "node"
    return "operator" if cloud == "aws" and sharing is not None and sharing.mig is not None else "plugin"


def announcer_labels(pool: GpuPool, *, cloud: Cloud, image: str, driver_by: str) -> dict[str, str]:
    """Labels that the nodes of a pool carry for the software on them; image and driver decided."""
    by = announcer(
        cloud=cloud,
        accelerator=pool.accelerator,
        image=image,
        provisioner=pool.provisioner,
        driver_by=driver_by,
        sharing=pool.sharing,
        dra=pool.dra,
    )
    if by in ("neuron", "tpu"):
        return {}
    if by in ("node", "dra"):
        return {"nvidia.com/gpu.deploy.operands": "false", **(BY_CLAIM if by == "dra" else {})}
    labels: dict[str, str] = {}
    if cloud == "gcp":
        labels["gke-no-default-nvidia-gpu-device-plugin"] = "true"
    if pool.sharing is None:
        return labels
    config = plugin_config_name(pool.sharing)
    if config is not None:
        labels["nvidia.com/device-plugin.config"] = config
    if pool.sharing.mps is not None:
        labels["nvidia.com/mps.capable"] = "true"
    if by == "operator" and pool.sharing.mig is not None:
        labels["nvidia.com/mig.config"] = mig_config_name(pool.accelerator, pool.sharing.mig)
    return labels


def plugin_config_name(sharing: GpuSharing) -> str | None:
    """Of the device plugin's settings: ``time-slicing-4``, ``mps-2``; None for its default."""
    if sharing.time_slicing is not None:
        return f"time-slicing-{sharing.time_slicing}"
    return f"mps-{sharing.mps}" if sharing.mps is not None else None


def mig_config_name(accelerator: str, profile: str) -> str:
    """Of the MIG manager's settings: the profile, and how many of it a GPU of this kind has: ``1g.10gb-x7``."""
    return f"{profile}-x{mig_profiles.profile(accelerator, profile).instances_per_gpu}"
