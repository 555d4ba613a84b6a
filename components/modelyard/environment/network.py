"""The network of a cluster: a new VPC, or an existing one by id."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag, WithJsonSchema, model_validator

from .alternatives import alternatives
from .credential import shown
from .declaration import Declaration
from .known_name import refusal
from .patterns import AZURE_SUBNET_PATTERN, GOOGLE_PROJECT_PATTERN, NAME_PATTERN, SUBNET_PATTERN, VPC_PATTERN


def _cidr(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    example = "an IPv4 range such as 10.0.0.0/16"
    if not isinstance(value, str) or "/" not in value:
        raise refusal(f"{shown(value)} must be {example}")
    try:
        return IPv4Network(value)
    except ValueError:
        pass
    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise refusal(f"{shown(value)} must be {example}") from None
    raise refusal(f"{shown(value)} has bits set beyond its prefix; did you mean '{network}'?")


Cidr = Annotated[IPv4Network, BeforeValidator(_cidr), WithJsonSchema({"type": "string", "format": "ipv4network"})]
"""An IPv4 range: address, slash, prefix length."""

SubnetId = Annotated[str, StringConstraints(pattern=SUBNET_PATTERN)]
Endpoint = Literal[
    "s3", "ecr.api", "ecr.dkr", "sts", "ec2", "eks", "eks-auth", "elasticloadbalancing", "autoscaling", "logs", "kms",
    "secretsmanager", "ssm", "ssmmessages", "ec2messages",
]  # fmt: skip


class ExistingNetwork(Declaration):
    """A VPC that somebody else owns. Nothing in it is changed."""

    vpc_id: Annotated[str, StringConstraints(pattern=VPC_PATTERN)]
    private_subnet_ids: Annotated[list[SubnetId], Field(min_length=2)]
    """Subnets for nodes and the cluster's interfaces, in at least two zones."""
    public_subnet_ids: list[SubnetId] = []
    """Subnets for internet-facing load balancers, if any."""


class ExistingGoogleNetwork(Declaration):
    """A VPC network of Google Cloud that somebody else owns. Nothing in it is changed."""

    network: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
    subnetwork: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
    """Of the cluster's region; nodes get their addresses there."""
    pods_range: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
    """Name of the subnetwork's secondary range for pods."""
    services_range: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
    """Name of its secondary range for services."""
    project: Annotated[str, StringConstraints(pattern=GOOGLE_PROJECT_PATTERN)] | None = None
    """Host project of a shared VPC. Default: the cluster's."""


class ExistingAzureNetwork(Declaration):
    """A subnet of a virtual network of Azure that somebody else owns. Nothing in it is changed."""

    subnet_id: Annotated[str, StringConstraints(pattern=AZURE_SUBNET_PATTERN)]
    """Resource id of the subnet of the nodes; pods have an overlay of their own."""


class FlowLogs(Declaration):
    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = "ALL"


class Network(Declaration):
    """A network of the cluster's own: a VPC with one public and one private subnet for each zone (AWS), a VPC network
    with one subnetwork (Google Cloud), a virtual network with one subnet (Azure)."""

    cidr: Cidr = IPv4Network("10.0.0.0/16")
    """Address range of the VPC, of the subnetwork or of the virtual network, /16 to /20. Clusters of one environment
    must not overlap."""
    pods_cidr: Cidr | None = None
    """GKE: secondary range of pods, /9 to /21; default 10.4.0.0/14. AKS: the pods' overlay; default 10.244.0.0/16. EKS
    gives pods addresses of the VPC."""
    services_cidr: Cidr | None = None
    """Addresses of services. Default: EKS 172.20.0.0/16, GKE 10.8.0.0/20, AKS 10.2.0.0/16."""
    zones: Annotated[list[str], Field(min_length=2, max_length=6)] | None = None
    """Availability zones by name; default: the region's a, b and c on AWS, those that GKE takes, all of Azure's."""
    nat: Literal["per_zone", "single", "none"] = "per_zone"
    """NAT gateways: one a zone, one for all, or none (then every image must come through private endpoints). Google
    Cloud has one for a region whatever is asked."""
    endpoints: list[Endpoint] = ["s3", "ecr.api", "ecr.dkr", "sts", "ec2", "eks-auth"]
    """VPC endpoints of AWS. S3 is a gateway endpoint (free), the others are interfaces in every zone."""
    flow_logs: FlowLogs | None = FlowLogs()
    """VPC flow logs to CloudWatch; null turns them off."""

    @model_validator(mode="after")
    def _fits(self) -> Network:
        if not 16 <= self.cidr.prefixlen <= 20:
            raise ValueError(f"cidr {self.cidr} must be a /16 to /20; that is what EKS nodes and their pods need")
        if len(set(self.endpoints)) != len(self.endpoints):
            twice = sorted({name for name in self.endpoints if self.endpoints.count(name) > 1})
            raise ValueError(f"endpoints name {', '.join(twice)} more than once")
        if self.zones is not None and len(set(self.zones)) != len(self.zones):
            twice = sorted({zone for zone in self.zones if self.zones.count(zone) > 1})
            raise ValueError(f"zones name {', '.join(map(repr, twice))} more than once")
        return self


def _kind(value: Any) -> str | None:
    for kind, tag in _TAGS.items():
        if isinstance(value, kind):
            return tag
    if not isinstance(value, dict):
        return None
    keys = value.keys()
    if {"vpc_id", "private_subnet_ids", "public_subnet_ids"} & keys:
        return "(existing)"
    if "subnet_id" in keys:
        return "(azure)"
    return "(google)" if {"network", "subnetwork", "pods_range", "services_range"} & keys else "(new)"


_TAGS = {
    Network: "(new)",
    ExistingNetwork: "(existing)",
    ExistingGoogleNetwork: "(google)",
    ExistingAzureNetwork: "(azure)",
}

AnyNetwork = Annotated[
    Annotated[Network, Tag("(new)")]
    | Annotated[ExistingNetwork, Tag("(existing)")]
    | Annotated[ExistingGoogleNetwork, Tag("(google)")]
    | Annotated[ExistingAzureNetwork, Tag("(azure)")],
    alternatives(
        _kind,
        "a mapping: of a new network (cidr, zones, nat, ...) or an existing one (vpc_id, ... of AWS; network, "
        "subnetwork, ... of Google Cloud; subnet_id of Azure)",
    ),
]
"""A new network, or an existing one by ``vpc_id``, ``network`` or ``subnet_id``."""
