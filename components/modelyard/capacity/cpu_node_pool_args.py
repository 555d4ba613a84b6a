"""Arguments of the CpuNodePool component; they mirror the declaration in ``environment/cpu_pool.py``."""

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


class CpuNodePoolArgs(TypedDict):
    """Nodes without accelerators: the same arguments on EKS, GKE and AKS."""

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
    """EKS, with karpenter or auto_mode: the cluster's security group, for example ServingCluster's."""
    disk_kms_key_arn: NotRequired[pulumi.Input[str]]
    """EKS: KMS key of the disks, which whoever starts the machines may use. Default: the account's aws/ebs key."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """EKS: taken so that pools of both kinds have the same arguments; not used."""
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
    instance_types: Sequence[str]
    """In order of preference: EKS takes the next when the one before has no capacity; GKE and AKS take one."""
    provisioner: NotRequired[str]
    """As of a GPU pool: ``managed``, ``karpenter``, ``auto_mode`` or ``compute_class``. Default: ``managed``."""
    capacity: NotRequired[str]
    """``on_demand`` or ``spot``. Default: ``on_demand``."""
    spot: NotRequired[SpotArgs]
    """Settings of spot capacity. Default: none."""
    min_nodes: NotRequired[int]
    """Default: 0."""
    desired_nodes: NotRequired[int]
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: NotRequired[int]
    """Default: 1."""
    zones: NotRequired[Sequence[str]]
    """Availability zones, if not all of the cluster's. EKS: those of subnet_ids count."""
    disk_gib: NotRequired[int]
    """Root volume. Default: 80."""
    image: NotRequired[str]
    """Machine image. Default: al2023 (EKS), cos (GKE), ubuntu (AKS)."""
    labels: NotRequired[Mapping[str, str]]
    """Further node labels. Default: none."""
    taints: NotRequired[Sequence[TaintArgs]]
    """Taints of the nodes. Default: none."""
    update: NotRequired[PoolUpdateArgs]
    """How many nodes an update takes at a time. Default: one."""
    repair: NotRequired[bool]
    """Whether the cloud replaces nodes that it finds broken. Default: true."""
    schedules: NotRequired[Sequence[PoolScheduleArgs]]
    """Other limits at certain times, for example no node at night; beyond managed pools of EKS another min_nodes alone,
    kept by pods. Default: none."""
    system: NotRequired[bool]
    """AKS: whether its nodes are system nodes, which the cluster's own pods prefer. Machines that cannot change in the
    first ones come this way. Default: false."""
    aks: NotRequired[AksNodesArgs]
    """What only nodes of AKS have. Default: aks.nodes of the cluster; of a component by itself, none of it."""
    eks: NotRequired[EksNodesArgs]
    """What only managed pools of EKS have. Default: its defaults."""
    karpenter: NotRequired[KarpenterNodesArgs]
    """What only pools of Karpenter and of EKS Auto Mode have. Default: its defaults."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
