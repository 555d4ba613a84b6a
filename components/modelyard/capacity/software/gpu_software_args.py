"""Arguments of :class:`~modelyard.capacity.software.gpu_software.GpuSoftware`."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from modelyard.capacity.gpu_node_pool_args import GpuSharingArgs
from modelyard.governance.ownership import OwnershipArgs


class GpuSoftwarePoolArgs(TypedDict):
    """What the software has to know of one pool; the same as its GpuNodePool says."""

    name: str
    """Name of the pool."""
    accelerator: str
    """Name of the accelerator as ``modelyard`` lists it: T4, L4, A10G, L40S, A100-40GB, H100, ..."""
    image: NotRequired[str]
    """Machine image. Default: al2023_nvidia (EKS), cos (GKE), ubuntu (AKS)."""
    provisioner: NotRequired[str]
    """``managed``, ``karpenter``, ``auto_mode`` or ``compute_class``. Default: ``managed``."""
    driver_by: NotRequired[str]
    """Who installs NVIDIA's driver: ``image``, ``cloud`` or ``gpu_operator``. Default: image on EKS, cloud on GKE and
    AKS."""
    sharing: NotRequired[GpuSharingArgs]
    """How pods share its GPUs. Default: a GPU belongs to one pod."""
    dra: NotRequired[bool]
    """Whether pods get its GPUs by ResourceClaims (Dynamic Resource Allocation). Default: false."""
    fabric: NotRequired[bool]
    """Whether its nodes join the cloud's network for GPUs. Default: false."""


class GpuSoftwareArgs(TypedDict):
    """Software on the GPU nodes of one cluster."""

    ownership: OwnershipArgs
    """Who pays; department ``platform`` for what all share."""
    cloud: NotRequired[str]
    """``aws`` (EKS), ``gcp`` (GKE) or ``azure`` (AKS). Default: ``aws``."""
    kubernetes_version: NotRequired[str]
    """Of the cluster, for example 1.34; what a pool with ``dra`` needs is then checked. Default: not known."""
    pools: NotRequired[Sequence[GpuSoftwarePoolArgs]]
    """The cluster's GPU pools. Default: none of ours, and nodes labelled nvidia.com/gpu.present=true have the cloud's
    own image."""
    monitoring: NotRequired[bool]
    """Whether prometheus-operator is installed, so that GPUs are measured too. Default: true."""
    scrape_interval_seconds: NotRequired[int]
    """How often GPUs are measured, 5 to 300. Default: 15."""
    pod_labels: NotRequired[Sequence[str]]
    """Keys of labels that the metrics of a GPU take over from the pod that uses it, beside its namespace, name and
    container. Default: none."""
    neuron_monitor: NotRequired[pulumi.Input[str]]
    """Image of AWS Neuron's monitor by digest. Default: none, and nothing measures Neuron devices."""
    system_nodes: NotRequired[Mapping[str, str]]
    """Labels of the nodes that the GPU Operator itself runs on. Default: any node that it fits."""
