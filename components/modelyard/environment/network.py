"""The network of a cluster: a new VPC, or an existing one by id."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag, WithJsonSchema, model_validator

from .alternatives import alternatives
from .credential import shown
from .declaration import Declaration
from .known_name import refusal
from .patterns import SUBNET_PATTERN, VPC_PATTERN


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


class FlowLogs(Declaration):
    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = "ALL"


class Network(Declaration):
    """A VPC with one public and one private subnet for each zone."""

    cidr: Cidr = IPv4Network("10.0.0.0/16")
    """Address range of the VPC, /16 to /20. Clusters of one environment must not overlap."""
    zones: Annotated[list[str], Field(min_length=2, max_length=6)] | None = None
    """Availability zones by name; default: the region's a, b and c."""
    nat: Literal["per_zone", "single", "none"] = "per_zone"
    """NAT gateways: one a zone, one for all, or none (then every image must come through VPC endpoints)."""
    endpoints: list[Endpoint] = ["s3", "ecr.api", "ecr.dkr", "sts", "ec2", "eks-auth"]
    """VPC endpoints. S3 is a gateway endpoint (free), the others are interfaces in every zone."""
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
    if isinstance(value, ExistingNetwork):
        return "(existing)"
    if isinstance(value, Network):
        return "(new)"
    if not isinstance(value, dict):
        return None
    existing = {"vpc_id", "private_subnet_ids", "public_subnet_ids"} & value.keys()
    return "(existing)" if existing else "(new)"


AnyNetwork = Annotated[
    Annotated[Network, Tag("(new)")] | Annotated[ExistingNetwork, Tag("(existing)")],
    alternatives(_kind, "a mapping: of a new network (cidr, zones, nat, ...) or an existing one (vpc_id, ...)"),
]
"""A new network, or an existing one by ``vpc_id``."""
