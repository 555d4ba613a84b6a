"""A Kubernetes cluster that serves models: a new one, or an existing one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, Tag, WithJsonSchema, model_validator

from ..catalog import eks_versions
from .alternatives import alternatives
from .declaration import Declaration
from .gpu_pool import GpuPool
from .known_name import refusal, unknown
from .names import ClusterName
from .network import AnyNetwork, Cidr, Network
from .patterns import EKS_NAME_PATTERN, KUBERNETES_VERSION_PATTERN, REGION_PATTERN, ROLE_ARN_PATTERN
from .secret import SecretReference

ClusterSoftware = Literal["keda", "kserve", "argo_rollouts", "flagger", "knative", "seldon"]
RoleArn = Annotated[str, StringConstraints(pattern=ROLE_ARN_PATTERN)]


class ExistingEks(Declaration):
    """An EKS cluster by name; Modelyard adds pools and services and owns nothing else."""

    name: Annotated[str, StringConstraints(pattern=EKS_NAME_PATTERN, max_length=100)]


class ExistingKubeconfig(Declaration):
    """Any cluster that a kubeconfig reaches. GPU pools cannot be added to it."""

    kubeconfig: SecretReference
    context: str | None = None


def _kind_of_existing(value: Any) -> str | None:
    if isinstance(value, ExistingEks):
        return "(eks)"
    if isinstance(value, ExistingKubeconfig):
        return "(kubeconfig)"
    if not isinstance(value, dict):
        return None
    return "(kubeconfig)" if {"kubeconfig", "context"} & value.keys() else "(eks)"


ExistingCluster = Annotated[
    Annotated[ExistingEks, Tag("(eks)")] | Annotated[ExistingKubeconfig, Tag("(kubeconfig)")],
    alternatives(_kind_of_existing, "{name: <EKS cluster>} or {kubeconfig: <reference to a secret>}"),
]
"""An EKS cluster by name, or any cluster by kubeconfig."""


def _known_version(version: str) -> str:
    if version not in eks_versions.names():
        raise refusal(unknown("a Kubernetes version that EKS is known to offer", version, eks_versions.names()))
    return version


KubernetesVersion = Annotated[
    str,
    StringConstraints(pattern=KUBERNETES_VERSION_PATTERN),
    AfterValidator(_known_version),
    WithJsonSchema({"type": "string", "enum": list(eks_versions.names())}),
]


class ApiAccess(Declaration):
    """The way in for whoever runs ``pulumi up`` and kubectl."""

    public_cidrs: list[Cidr] = []
    """Address ranges that may reach the public endpoint; empty: no public endpoint."""
    bastion: bool = False
    """A small machine inside the VPC, reached through Systems Manager, without any open port."""
    tunnel_port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """Local port of the tunnel through the bastion that ``pulumi up`` uses; null: straight to the endpoint."""
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
            raise ValueError(
                f"min_nodes {self.min_nodes} exceeds max_nodes {self.max_nodes}; raise max_nodes or lower min_nodes"
            )
        if self.desired_nodes is not None and not self.min_nodes <= self.desired_nodes <= self.max_nodes:
            raise ValueError(
                f"desired_nodes {self.desired_nodes} must lie between min_nodes {self.min_nodes} and max_nodes "
                f"{self.max_nodes}"
            )
        return self


class Cluster(Declaration):
    """One cluster in one region."""

    name: ClusterName
    cloud: Literal["aws"] = "aws"
    region: Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
    existing: ExistingCluster | None = None
    """Use this cluster instead of creating one."""
    installed: list[ClusterSoftware] = []
    """What models need and somebody else has installed there. Modelyard installs KEDA, KServe, Argo Rollouts and
    Flagger by itself on clusters that it creates, where a model needs them and they are not named here; Knative Serving
    and Seldon Core 2 never."""
    kubernetes_version: KubernetesVersion = "1.35"
    network: AnyNetwork = Network()
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
