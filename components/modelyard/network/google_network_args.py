"""Arguments of the GoogleNetwork component; they mirror the declarations in ``environment/network.py``."""

from typing import NotRequired, TypedDict

import pulumi

from ..governance.ownership import OwnershipArgs
from .network_args import FlowLogsArgs


class ExistingGoogleNetworkArgs(TypedDict):
    """A VPC network of Google Cloud that somebody else owns. Nothing in it is changed."""

    network: pulumi.Input[str]
    """Name of the network."""
    subnetwork: pulumi.Input[str]
    """Of the cluster's region; nodes get their addresses there."""
    pods_range: pulumi.Input[str]
    """Name of the subnetwork's secondary range for pods."""
    services_range: pulumi.Input[str]
    """Name of its secondary range for services."""
    project: NotRequired[str]
    """Host project of a shared VPC. Default: the cluster's."""


class GoogleNetworkArgs(TypedDict):
    """A VPC network of Google Cloud with one subnetwork."""

    region: str
    """Region of the subnetwork, such as europe-west4."""
    project: NotRequired[str]
    """Id of the project. Default: the provider's."""
    cidr: NotRequired[str]
    """Address range of the VPC, of the subnetwork or of the virtual network, /16 to /20. Clusters of one environment
    must not overlap. Default: 10.0.0.0/16."""
    pods_cidr: NotRequired[str]
    """GKE: secondary range of pods, /9 to /21; default 10.4.0.0/14. AKS: the pods' overlay; default 10.244.0.0/16. EKS
    gives pods addresses of the VPC."""
    services_cidr: NotRequired[str]
    """Addresses of services. Default: EKS 172.20.0.0/16, GKE 10.8.0.0/20, AKS 10.2.0.0/16."""
    nat: NotRequired[str]
    """NAT gateways: one a zone, one for all, or none (then every image must come through private endpoints). Google
    Cloud has one for a region whatever is asked. ``per_zone``, ``single`` or ``none``. Default: ``per_zone``."""
    flow_logs: NotRequired[FlowLogsArgs | None]
    """VPC flow logs to CloudWatch; null turns them off. On Google Cloud they go to Cloud Logging, which keeps them as
    long as its bucket says. Default: on."""
    existing: NotRequired[ExistingGoogleNetworkArgs]
    """Use this network instead of making one; then nothing else above but region is allowed. Default: none."""
    ownership: OwnershipArgs
    """Who pays and answers for it. Networks, subnetworks, routers and NAT of Google Cloud take no labels."""
