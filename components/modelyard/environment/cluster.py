"""A Kubernetes cluster that serves models: a new one, or an existing one."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from .declaration import Declaration
from .gpu_pool import GpuPool
from .names import ClusterName
from .network import ExistingNetwork, Network
from .secret import SecretReference

RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$")]


class ExistingEks(Declaration):
    """An EKS cluster by name; Modelyard adds pools and services and owns nothing else."""

    name: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][A-Za-z0-9_-]*$", max_length=100)]


class ExistingKubeconfig(Declaration):
    """Any cluster that a kubeconfig reaches. GPU pools cannot be added to it."""

    kubeconfig: SecretReference
    context: str | None = None


class ApiAccess(Declaration):
    """The way in for whoever runs ``pulumi up`` and kubectl."""

    public_cidrs: list[IPv4Network] = []
    """Address ranges that may reach the public endpoint; empty: no public endpoint."""
    bastion: bool = False
    """A small machine inside the VPC, reached through Systems Manager, without any open port."""
    admins: list[RoleArn] = []
    """IAM roles with cluster-admin rights, besides the one that creates the cluster."""


class SystemNodes(Declaration):
    """Nodes without GPUs for what the cluster itself runs."""

    instance_types: Annotated[list[str], Field(min_length=1)] = ["m6i.xlarge"]
    min_nodes: Annotated[int, Field(ge=1, le=100)] = 2
    desired_nodes: Annotated[int, Field(ge=1, le=100)] | None = None
    max_nodes: Annotated[int, Field(ge=1, le=100)] = 6
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 80

    @model_validator(mode="after")
    def _ordered(self) -> SystemNodes:
        if self.min_nodes > self.max_nodes:
            raise ValueError(f"min_nodes {self.min_nodes} exceeds max_nodes {self.max_nodes}")
        if self.desired_nodes is not None and not self.min_nodes <= self.desired_nodes <= self.max_nodes:
            raise ValueError(
                f"desired_nodes {self.desired_nodes} must lie between min_nodes {self.min_nodes} and max_nodes {self.max_nodes}"
            )
        return self


class Cluster(Declaration):
    """One cluster in one region."""

    name: ClusterName
    cloud: Literal["aws"] = "aws"
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")]
    existing: ExistingEks | ExistingKubeconfig | None = None
    """Use this cluster instead of creating one."""
    kubernetes_version: Annotated[str, StringConstraints(pattern=r"^1\.\d{2}$")] = "1.34"
    network: Network | ExistingNetwork = Network()
    api_access: ApiAccess = ApiAccess()
    control_plane_logs: list[Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]] = [
        "api",
        "audit",
        "authenticator",
    ]
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    system_nodes: SystemNodes = SystemNodes()
    gpu_pools: list[GpuPool] = []
    node_autoscaler: Literal["cluster_autoscaler", "none"] = "cluster_autoscaler"
    deletion_protection: bool = False
