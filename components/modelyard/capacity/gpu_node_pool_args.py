"""Arguments of the GpuNodePool component; they mirror the declaration in ``environment/gpu_pool.py``."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs
from .node_pool_args import (
    AksNodesArgs,
    EksNodesArgs,
    KarpenterNodesArgs,
    PoolScheduleArgs,
    PoolUpdateArgs,
    SpotArgs,
    TaintArgs,
)


class ReservationArgs(TypedDict):
    """Capacity that is reserved already."""

    id: str
    """EKS: id of a capacity reservation (cr-0a1b2c3d4e5f67890) or ARN of a resource group of them. GKE: name of a
    reservation, or projects/<project>/reservations/<name> of another project. AKS: resource id of a capacity
    reservation group."""
    affinity: NotRequired[str]
    """specific: nodes start in this reservation alone, and wait where it is full. any: an open reservation is used
    where it matches, and nodes start on demand where none does (GKE and EKS). Default: ``specific``."""


class FlexStartArgs(TypedDict):
    """Settings of queued and flex_start capacity of GKE."""

    max_run_hours: NotRequired[int]
    """Nodes are deleted after so long; Dynamic Workload Scheduler allows seven days. Default: 168."""


class LocalSsdArgs(TypedDict):
    """Disks that are in the machine, and end with the node."""

    use: NotRequired[str]
    """ephemeral: images, logs and emptyDir lie there. block: raw disks for pods. Default: ``ephemeral``."""
    count: NotRequired[int]
    """GKE: disks of 375 GiB, where the machine type lets one choose. Default: those that the machine has."""


class ImageStartArgs(TypedDict):
    """What a node does for the first container of an image of many gigabytes."""

    by: str
    """pull: layer after layer, whole. parallel_pull: the same, in many parts at a time (EKS, SOCI snapshotter).
    streaming: the container starts while its image still loads (GKE, images of Artifact Registry). preloaded: the
    node starts with a disk that has the images (EKS on Bottlerocket, GKE)."""
    disk: NotRequired[str]
    """With preloaded, what the disk is made of. EKS: id of a snapshot of Bottlerocket's data volume, in the region.
    GKE: a disk image, as projects/<project>/global/images/<name>."""
    volume_mib_per_second: NotRequired[int]
    """EKS, with parallel_pull: throughput of the volume that images lie on. Default: 600, or nothing more than any
    volume has where local_ssd takes the images."""


class GpuDriverArgs(TypedDict):
    """Who installs NVIDIA's driver, and which."""

    by: NotRequired[str]
    """image: it is in the machine image (EKS). cloud: the cloud installs it when a node starts (GKE, AKS).
    gpu_operator: NVIDIA's operator does, as pods. Default: image on EKS, cloud on GKE and AKS."""
    version: NotRequired[str]
    """GKE: which of its drivers. ``default`` or ``latest``. Default: ``default``."""


class GpuSharingArgs(TypedDict):
    """One way, or MIG with one of the others inside each instance. With neither a GPU belongs to one pod."""

    mig: NotRequired[str]
    """Profile such as 1g.10gb: every GPU of the pool is cut into as many of them as fit, each with memory and cores of
    its own (NVIDIA MIG User Guide). Default: whole GPUs."""
    time_slicing: NotRequired[int]
    """Pods that take turns on one GPU, or on one MIG instance; they share its memory, and nothing keeps them apart.
    Default: none."""
    mps: NotRequired[int]
    """Pods that run at the same time on one GPU through NVIDIA's Multi-Process Service, each with an equal share of
    memory and of the cores. Default: none."""
    neuron_cores: NotRequired[bool]
    """Inferentia and Trainium: pods ask for single NeuronCores (aws.amazon.com/neuroncore) in place of whole devices
    (aws.amazon.com/neuron), and each has an equal share of its device's memory. Default: false."""


class GpuNodePoolArgs(TypedDict):
    """Nodes with one kind of accelerator: the same arguments on EKS, GKE and AKS."""

    cloud: NotRequired[str]
    """``aws`` (EKS), ``gcp`` (GKE) or ``azure`` (AKS). Default: ``aws``."""
    region: str
    """Region or location of the cluster, as its cloud names it."""
    cluster: str
    """Short name of the cluster: pods find the pool's nodes by the labels modelyard.dev/cluster and
    modelyard.dev/pool."""
    cluster_name: pulumi.Input[str]
    """Physical name of the cluster."""
    node_role_arn: NotRequired[pulumi.Input[str]]
    """EKS, needed there: IAM role of the nodes, for example ServingCluster's."""
    auto_mode_role_arn: NotRequired[pulumi.Input[str]]
    """EKS, with auto_mode in place of node_role_arn: IAM role of the nodes that EKS Auto Mode starts."""
    subnet_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """EKS, needed there: private subnets in the zones that the pool may use."""
    security_group_id: NotRequired[pulumi.Input[str]]
    """EKS, with fabric, karpenter or auto_mode: the cluster's security group, for example ServingCluster's."""
    disk_kms_key_arn: NotRequired[pulumi.Input[str]]
    """EKS: KMS key of the disks, which whoever starts the machines may use. Default: the account's aws/ebs key."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """EKS, with fabric: VPC of the subnets."""
    project: NotRequired[pulumi.Input[str]]
    """GKE: id of the project. Default: the provider's."""
    location: NotRequired[str]
    """GKE: region of the cluster, or its zone where it is zonal. Default: region."""
    service_account: NotRequired[pulumi.Input[str]]
    """GKE: e-mail address of the nodes' service account, for example ServingCluster's. Default: the project's."""
    boot_disk_kms_key: NotRequired[pulumi.Input[str]]
    """GKE: Cloud KMS key of the boot disks. Default: Google's own key."""
    resource_group: NotRequired[pulumi.Input[str]]
    """AKS, needed there: resource group of the cluster."""
    subnet_id: NotRequired[pulumi.Input[str]]
    """AKS: resource id of the nodes' subnet. Default: that of a network of AKS."""
    kubernetes_version: NotRequired[pulumi.Input[str]]
    """Version of the nodes. Default: the cluster's when the pool is made; later upgrades of the cluster do not
    reach the nodes of EKS and AKS."""
    name: str
    """Name of the pool, lower-case letters, digits and hyphens, at most 24."""
    accelerator: str
    """Name of the accelerator as ``modelyard`` lists it: T4, L4, A10G, L40S, A100-40GB, H100, ..."""
    gpus_per_node: NotRequired[int]
    """Accelerators of one node. Default: 1."""
    instance_types: NotRequired[Sequence[str]]
    """In order of preference: EKS takes the next when the one before has no capacity; GKE and AKS take one.
    Default: the types of the region with this accelerator and count, cheapest first, at most three."""
    provisioner: NotRequired[str]
    """managed: node groups and node pools of the cloud. karpenter: a NodePool and an EC2NodeClass of Karpenter (EKS).
    auto_mode: a NodePool of EKS Auto Mode. compute_class: a ComputeClass of GKE, which makes node pools itself.
    Default: ``managed``."""
    capacity: NotRequired[str]
    """``on_demand``, ``spot``, ``reservation``, ``capacity_block`` (EKS), ``queued`` or ``flex_start`` (GKE).
    Default: ``on_demand``."""
    spot: NotRequired[SpotArgs]
    """Settings of spot capacity. Default: none."""
    reservation: NotRequired[ReservationArgs]
    """Needed for capacity reservation and capacity_block. Default: none."""
    flex_start: NotRequired[FlexStartArgs]
    """Settings of queued and flex_start capacity of GKE. Default: none."""
    min_nodes: NotRequired[int]
    """Default: 0."""
    desired_nodes: NotRequired[int]
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: NotRequired[int]
    """Default: 1."""
    zones: NotRequired[Sequence[str]]
    """Availability zones, if not all of the cluster's. EKS: those of subnet_ids count."""
    disk_gib: NotRequired[int]
    """Root volume: a Triton image alone unpacks to more than 20 GiB. Default: 200."""
    local_ssd: NotRequired[LocalSsdArgs]
    """Default: left unused."""
    image_start: NotRequired[ImageStartArgs]
    """How images of many gigabytes come to a new node. Default: they are pulled; on GKE as gke.image_streaming says."""
    image: NotRequired[str]
    """Machine image; the architecture follows from the instance types. EKS: al2023_nvidia (default),
    bottlerocket_nvidia. GKE: cos (default), ubuntu. AKS: ubuntu (default), azure_linux."""
    driver: NotRequired[GpuDriverArgs]
    """Who installs NVIDIA's driver, and which. Default: the image on EKS, the cloud elsewhere."""
    sharing: NotRequired[GpuSharingArgs]
    """Default: a GPU belongs to one pod."""
    dra: NotRequired[bool]
    """Whether Kubernetes' Dynamic Resource Allocation hands out its GPUs: pods claim them, as models that run there do,
    and cannot ask for nvidia.com/gpu. On Kubernetes 1.34 and later. Default: false."""
    compact: NotRequired[bool]
    """Whether nodes stand close together: a cluster placement group (EKS), compact placement (GKE), a proximity
    placement group (AKS). Never forced where a reservation says where nodes stand. Default: false."""
    fabric: NotRequired[bool]
    """Whether nodes join the cloud's network for GPUs: EFA (EKS), GPUDirect (GKE), InfiniBand (AKS). Default: false."""
    labels: NotRequired[Mapping[str, str]]
    """Further node labels. Default: none."""
    taints: NotRequired[Sequence[TaintArgs]]
    """Besides nvidia.com/gpu=present:NoSchedule, which every GPU pool has. Default: none."""
    update: NotRequired[PoolUpdateArgs]
    """How many nodes an update takes at a time. Default: one."""
    repair: NotRequired[bool]
    """Whether the cloud replaces nodes that it finds broken. Default: true."""
    schedules: NotRequired[Sequence[PoolScheduleArgs]]
    """Other limits at certain times, for example no node at night; beyond managed pools of EKS another min_nodes alone,
    kept by pods. Default: none."""
    aks: NotRequired[AksNodesArgs]
    """What only nodes of AKS have. Default: aks.nodes of the cluster; of a component by itself, none of it."""
    eks: NotRequired[EksNodesArgs]
    """What only managed pools of EKS have. Default: its defaults."""
    karpenter: NotRequired[KarpenterNodesArgs]
    """What only pools of Karpenter and of EKS Auto Mode have. Default: its defaults."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
