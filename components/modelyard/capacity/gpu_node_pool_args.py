"""Arguments of the GpuNodePool component; they mirror the declaration in ``environment/gpu_pool.py``."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class TaintArgs(TypedDict):
    """A Kubernetes taint of the pool's nodes."""

    key: str
    """Label key."""
    value: NotRequired[str]
    """Label value. Default: empty."""
    effect: NotRequired[str]
    """``NoSchedule``, ``PreferNoSchedule`` or ``NoExecute``. Default: ``NoSchedule``."""


class PoolScheduleArgs(TypedDict):
    """At these times the pool's limits become these; the next schedule changes them again."""

    name: str
    """Name of the schedule."""
    recurrence: str
    """Five-field cron expression, for example ``0 20 * * 1-5``."""
    timezone: NotRequired[str]
    """IANA time zone, for example Europe/London. Default: Etc/UTC."""
    min_nodes: int
    """Nodes that always run from then on."""
    desired_nodes: int
    """Nodes at that moment; the node autoscaler takes over."""
    max_nodes: int
    """Nodes that the autoscaler may go up to; 0: none."""


class PoolUpdateArgs(TypedDict):
    """How many nodes an update takes at a time (EKS NodegroupUpdateConfig): a count or a percentage."""

    max_unavailable: NotRequired[int]
    """Nodes. Default: 1, unless a percentage is given."""
    max_unavailable_percentage: NotRequired[int]
    """Percent of the nodes. Default: none."""


class GpuNodePoolArgs(TypedDict):
    """A node group of machines with one kind of accelerator."""

    region: str
    """AWS region of the cluster."""
    cluster: str
    """Short name of the cluster: pods find the pool's nodes by the labels modelyard.dev/cluster and
    modelyard.dev/pool."""
    cluster_name: pulumi.Input[str]
    """Physical name of the EKS cluster."""
    node_role_arn: pulumi.Input[str]
    """IAM role of the nodes, for example ServingCluster's."""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Private subnets in the zones that the pool may use."""
    kubernetes_version: NotRequired[pulumi.Input[str]]
    """Version of the nodes. Default: the cluster's when the pool is made; later upgrades of the cluster do not
    reach the nodes."""
    name: str
    """Name of the pool, lower-case letters, digits and hyphens, at most 24."""
    accelerator: str
    """Name of the accelerator as ``modelyard`` lists it: T4, L4, A10G, L40S, A100-40GB, H100, ..."""
    gpus_per_node: NotRequired[int]
    """Accelerators of one node. Default: 1."""
    instance_types: NotRequired[Sequence[str]]
    """In order of preference: the group takes the next when the one before has no capacity.
    Default: the types of the region with this accelerator and count, cheapest first, at most three."""
    capacity: NotRequired[str]
    """``on_demand`` or ``spot``. Default: ``on_demand``."""
    min_nodes: NotRequired[int]
    """Default: 0."""
    desired_nodes: NotRequired[int]
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: NotRequired[int]
    """Default: 1."""
    disk_gib: NotRequired[int]
    """Root volume: a Triton image alone unpacks to more than 20 GiB. Default: 200."""
    image: NotRequired[str]
    """GPU machine image; the architecture follows from the instance types.
    ``al2023_nvidia`` or ``bottlerocket_nvidia``. Default: ``al2023_nvidia``."""
    labels: NotRequired[Mapping[str, str]]
    """Further node labels. Default: none."""
    taints: NotRequired[Sequence[TaintArgs]]
    """Besides nvidia.com/gpu=present:NoSchedule, which every GPU pool has. Default: none."""
    update: NotRequired[PoolUpdateArgs]
    """How many nodes an update takes at a time. Default: one."""
    repair: NotRequired[bool]
    """EKS replaces nodes that its node monitoring agent finds broken. Default: true."""
    schedules: NotRequired[Sequence[PoolScheduleArgs]]
    """Other limits at certain times, for example none at night. Default: none."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
