"""Arguments of the Network component; they mirror the declaration in ``environment/network.py``."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs


class FlowLogsArgs(TypedDict):
    """VPC flow logs in CloudWatch."""

    retention_days: NotRequired[int]
    """Days that CloudWatch keeps them. Default: 90."""
    traffic: NotRequired[str]
    """``ALL``, ``ACCEPT`` or ``REJECT``. Default: ``ALL``."""


class ExistingNetworkArgs(TypedDict):
    """A VPC that somebody else owns. Nothing in it is changed."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    private_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Subnets for nodes and the cluster's interfaces, in at least two zones."""
    public_subnet_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Subnets for internet-facing load balancers, if any."""


class NetworkArgs(TypedDict):
    """A VPC with one public and one private subnet for each zone."""

    region: str
    """AWS region."""
    cluster_name: NotRequired[str]
    """Physical name of the EKS cluster that will live here: its load balancers find the subnets by it.
    Default: none."""
    cidr: NotRequired[str]
    """Address range of the VPC, of the subnetwork or of the virtual network, /16 to /20. Clusters of one environment
    must not overlap. Default: 10.0.0.0/16."""
    zones: NotRequired[Sequence[str]]
    """Availability zones by name; default: the region's a, b and c on AWS, those that GKE takes, all of Azure's."""
    nat: NotRequired[str]
    """NAT gateways: one a zone, one for all, or none (then every image must come through private endpoints). Google
    Cloud has one for a region whatever is asked.
    ``per_zone``, ``single`` or ``none``. Default: ``per_zone``."""
    endpoints: NotRequired[Sequence[str]]
    """VPC endpoints of AWS. S3 is a gateway endpoint (free), the others are interfaces in every zone.
    Default: s3, ecr.api, ecr.dkr, sts, ec2, eks-auth."""
    flow_logs: NotRequired[FlowLogsArgs | None]
    """VPC flow logs to CloudWatch; null turns them off. Default: all traffic, 90 days."""
    existing: NotRequired[ExistingNetworkArgs]
    """Use this network instead of making one; then nothing else above is allowed. Default: none."""
    ownership: OwnershipArgs
    """Who pays and answers for it."""
