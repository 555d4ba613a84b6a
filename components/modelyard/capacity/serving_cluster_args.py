"""Arguments of the ServingCluster component; they mirror the declaration in ``environment/cluster.py``."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class ApiAccessArgs(TypedDict):
    """The way in for whoever runs ``pulumi up`` and kubectl."""

    public_cidrs: NotRequired[Sequence[str]]
    """Address ranges that may reach the public endpoint; empty: no public endpoint. Default: empty."""
    bastion: NotRequired[bool]
    """A small machine inside the VPC, reached through Systems Manager, without any open port. Default: false."""
    tunnel_port: NotRequired[int]
    """Local port of the tunnel through the bastion that ``pulumi up`` uses; null: straight to the endpoint.
    Default: null."""
    admins: NotRequired[Sequence[str]]
    """Who has cluster-admin rights, besides the one that creates the cluster. EKS: ARNs of IAM roles. GKE: members
    such as group:ml-platform@example.com. AKS: object ids of Microsoft Entra groups. Default: none."""


class SystemNodesArgs(TypedDict):
    """Nodes without GPUs for what the cluster itself runs."""

    instance_types: NotRequired[Sequence[str]]
    """In order of preference, of one processor architecture. Default: m6i.xlarge (EKS), e2-standard-4 (GKE),
    Standard_D4s_v5 (AKS)."""
    min_nodes: NotRequired[int]
    """Default: 2."""
    desired_nodes: NotRequired[int]
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: NotRequired[int]
    """Default: 6."""
    disk_gib: NotRequired[int]
    """Root volume. Default: 80."""


class ServingClusterArgs(TypedDict):
    """One EKS cluster in one region."""

    name: str
    """With the environment's name before it the physical name; people and other systems type it."""
    region: str
    """Region of AWS or Google Cloud, or location of Azure."""
    vpc_id: pulumi.Input[str]
    """VPC of the subnets."""
    private_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Subnets for nodes and the control plane's interfaces, in at least two zones."""
    kubernetes_version: NotRequired[str]
    """Default: 1.35."""
    api_access: NotRequired[ApiAccessArgs]
    """The way in. Default: from inside the VPC only."""
    control_plane_logs: NotRequired[Sequence[str]]
    """``api``, ``audit``, ``authenticator``, ``controllerManager``, ``scheduler``.
    Default: api, audit, authenticator."""
    log_retention_days: NotRequired[int]
    """Days that CloudWatch keeps the control plane's logs. Default: 90."""
    system_nodes: NotRequired[SystemNodesArgs]
    """Nodes without GPUs. Default: two to six m6i.xlarge."""
    deletion_protection: NotRequired[bool]
    """EKS refuses to delete the cluster. Default: false."""
    node_repair: NotRequired[bool]
    """EKS replaces nodes that its node monitoring agent finds broken. Default: true."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
