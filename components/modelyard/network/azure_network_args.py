"""Arguments of the AzureNetwork component; they mirror the declarations in ``environment/network.py``."""

from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs
from .network_args import FlowLogsArgs


class ExistingAzureNetworkArgs(TypedDict):
    """A subnet of a virtual network of Azure that somebody else owns. Nothing in it is changed."""

    subnet_id: pulumi.Input[str]
    """Resource id of the subnet of the nodes; pods have an overlay of their own."""


class AzureNetworkArgs(TypedDict):
    """A virtual network of Azure with one subnet."""

    region: str
    """Location such as westeurope."""
    resource_group: NotRequired[pulumi.Input[str]]
    """Resource group of what is made; needed without existing."""
    cidr: NotRequired[str]
    """Address range of the VPC, of the subnetwork or of the virtual network, /16 to /20. Clusters of one environment
    must not overlap. Nodes get the first half; the second is left for private endpoints. Default: 10.0.0.0/16."""
    pods_cidr: NotRequired[str]
    """GKE: secondary range of pods, /9 to /21; default 10.4.0.0/14. AKS: the pods' overlay; default 10.244.0.0/16. EKS
    gives pods addresses of the VPC. Here only held against cidr."""
    services_cidr: NotRequired[str]
    """Addresses of services. Default: EKS 172.20.0.0/16, GKE 10.8.0.0/20, AKS 10.2.0.0/16. Here only held against
    cidr."""
    nat: NotRequired[str]
    """NAT gateways: one a zone, one for all, or none (then every image must come through private endpoints). Google
    Cloud has one for a region whatever is asked. So has a subnet of Azure. ``per_zone``, ``single`` or ``none``.
    Default: ``per_zone``."""
    flow_logs: NotRequired[FlowLogsArgs | None]
    """VPC flow logs to CloudWatch; null turns them off. On Azure they go to a storage account for at most 365 days,
    and hold all traffic. Default: all traffic, 90 days."""
    existing: NotRequired[ExistingAzureNetworkArgs]
    """Use this subnet instead of making one; then nothing else above but region is allowed. Default: none."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
