"""The network of a cluster: a new VPC, or an existing one by id."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration

SubnetId = Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")]
Endpoint = Literal[
    "s3", "ecr.api", "ecr.dkr", "sts", "ec2", "eks", "eks-auth", "elasticloadbalancing", "autoscaling", "logs", "kms",
    "secretsmanager", "ssm", "ssmmessages", "ec2messages",
]  # fmt: skip


class ExistingNetwork(Declaration):
    """A VPC that somebody else owns. Nothing in it is changed."""

    vpc_id: Annotated[str, StringConstraints(pattern=r"^vpc-[0-9a-f]{8,17}$")]
    private_subnet_ids: Annotated[list[SubnetId], Field(min_length=2)]
    """Subnets for nodes and the cluster's interfaces, in at least two zones."""
    public_subnet_ids: list[SubnetId] = []
    """Subnets for internet-facing load balancers, if any."""


class FlowLogs(Declaration):
    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = "ALL"


class Network(Declaration):
    """A VPC with one public and one private subnet for each zone."""

    cidr: IPv4Network = IPv4Network("10.0.0.0/16")
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
            raise ValueError(f"cidr {self.cidr} must be a /16 to /20")
        if len(set(self.endpoints)) != len(self.endpoints):
            raise ValueError("endpoints name one service twice")
        return self
