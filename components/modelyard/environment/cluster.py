"""A Kubernetes cluster that serves models: a new one, or an existing one."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema, model_validator

from ..catalog import kubernetes_versions
from .aks import Aks
from .cpu_pool import CpuPool
from .credential import shown
from .declaration import Declaration
from .eks import Eks
from .existing_cluster import ExistingAks, ExistingCluster, ExistingEks, ExistingGke, ExistingKubeconfig
from .gke import Gke
from .gpu_pool import GpuPool
from .gpu_software import GpuSoftware
from .known_name import look_alike, refusal, unknown
from .names import ClusterName
from .network import AnyNetwork, Cidr, Network
from .node_limits import check_limits
from .patterns import (
    AZURE_LOCATION_PATTERN,
    GOOGLE_MEMBER_PATTERN,
    GOOGLE_REGION_PATTERN,
    KUBERNETES_VERSION_PATTERN,
    MEANING,
    REGION_PATTERN,
    ROLE_ARN_PATTERN,
    UUID_PATTERN,
)
from .target import Cloud

__all__ = [
    "ADMIN_PATTERNS",
    "REGION_PATTERNS",
    "SERVICE",
    "ApiAccess",
    "Cluster",
    "ExistingAks",
    "ExistingCluster",
    "ExistingEks",
    "ExistingGke",
    "ExistingKubeconfig",
    "KubernetesVersion",
    "SystemNodes",
]

SERVICE: dict[Cloud, str] = {"aws": "EKS", "gcp": "GKE", "azure": "AKS"}
"""The clouds' Kubernetes as people call it."""

REGION_PATTERNS: dict[Cloud, str] = {
    "aws": REGION_PATTERN,
    "gcp": GOOGLE_REGION_PATTERN,
    "azure": AZURE_LOCATION_PATTERN,
}

ADMIN_PATTERNS: dict[Cloud, str] = {"aws": ROLE_ARN_PATTERN, "gcp": GOOGLE_MEMBER_PATTERN, "azure": UUID_PATTERN}

_SYSTEM_INSTANCES: dict[Cloud, str] = {"aws": "m6i.xlarge", "gcp": "e2-standard-4", "azure": "Standard_D4s_v5"}

ClusterSoftware = Literal["keda", "kserve", "argo_rollouts", "flagger", "knative", "seldon"]


def _known_version(version: str, info: ValidationInfo) -> str:
    cloud = info.data.get("cloud")
    if cloud is not None and version not in kubernetes_versions.names(cloud):
        noun = f"a Kubernetes version that {SERVICE[cloud]} is known to offer"
        raise refusal(unknown(noun, version, kubernetes_versions.names(cloud)))
    return version


_VERSIONS = sorted({name for cloud in SERVICE for name in kubernetes_versions.names(cloud)}, reverse=True)
KubernetesVersion = Annotated[
    str,
    StringConstraints(pattern=KUBERNETES_VERSION_PATTERN),
    AfterValidator(_known_version),
    WithJsonSchema({"type": "string", "enum": _VERSIONS}),
]


def _region_of_cloud(region: str, info: ValidationInfo) -> str:
    cloud = info.data.get("cloud")
    if cloud is not None and not re.fullmatch(REGION_PATTERNS[cloud], region):
        raise refusal(f"{shown(region)} must be {MEANING[REGION_PATTERNS[cloud]]}{look_alike(region)}")
    return region


def _admin(name: str) -> str:
    if not any(re.fullmatch(pattern, name) for pattern in ADMIN_PATTERNS.values()):
        if name.startswith("arn:"):
            raise refusal(f"{shown(name)} must be {MEANING[ROLE_ARN_PATTERN]}")
        forms = ", ".join(f"{MEANING[pattern]} ({SERVICE[cloud]})" for cloud, pattern in ADMIN_PATTERNS.items())
        raise refusal(f"{shown(name)} must be one of: {forms}")
    return name


class ApiAccess(Declaration):
    """The way in for whoever runs ``pulumi up`` and kubectl."""

    public_cidrs: list[Cidr] = []
    """Address ranges that may reach the public endpoint; empty: no public endpoint."""
    bastion: bool = False
    """A small machine inside the VPC, reached through Systems Manager, without any open port."""
    tunnel_port: Annotated[int, Field(ge=1024, le=65535)] | None = None
    """Local port of the tunnel through the bastion that ``pulumi up`` uses; null: straight to the endpoint."""
    admins: list[Annotated[str, AfterValidator(_admin)]] = []
    """Who has cluster-admin rights, besides the one that creates the cluster. EKS: ARNs of IAM roles. GKE: members
    such as group:ml-platform@example.com. AKS: object ids of Microsoft Entra groups."""

    @model_validator(mode="after")
    def _each_once(self) -> ApiAccess:
        twice = sorted({admin for admin in self.admins if self.admins.count(admin) > 1})
        if twice:
            raise ValueError(f"admins name {', '.join(map(repr, twice))} more than once; delete one")
        return self


class SystemNodes(Declaration):
    """Nodes without GPUs for what the cluster itself runs."""

    instance_types: Annotated[list[str], Field(min_length=1)] | None = None
    """In order of preference, of one processor architecture. Default: m6i.xlarge (EKS), e2-standard-4 (GKE),
    Standard_D4s_v5 (AKS)."""
    min_nodes: Annotated[int, Field(ge=1, le=100)] = 2
    desired_nodes: Annotated[int, Field(ge=1, le=100)] | None = None
    max_nodes: Annotated[int, Field(ge=1, le=100)] = 6
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 80

    @model_validator(mode="after")
    def _ordered(self) -> SystemNodes:
        check_limits(self)
        return self


class Cluster(Declaration):
    """One cluster in one region."""

    name: ClusterName
    cloud: Cloud = "aws"
    """aws: EKS. gcp: GKE. azure: AKS."""
    region: Annotated[str, AfterValidator(_region_of_cloud)]
    """Region of AWS or Google Cloud, or location of Azure."""
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
    cpu_pools: list[CpuPool] = []
    """Further nodes without accelerators, beside the system nodes."""
    gpu_software: GpuSoftware = GpuSoftware()
    """What GPU nodes run beside models."""
    node_autoscaler: Literal["cluster_autoscaler", "karpenter", "none"] = "cluster_autoscaler"
    """cluster_autoscaler: Kubernetes' own on EKS, that of the cloud on GKE and AKS. karpenter: on EKS, also what pools
    with provisioner karpenter need. none: not on GKE, which keeps pools between their limits by itself."""
    eks: Eks = Eks()
    gke: Gke = Gke()
    aks: Aks = Aks()
    deletion_protection: bool = False

    @property
    def system_instance_types(self) -> list[str]:
        """Of the system nodes, in order of preference."""
        return self.system_nodes.instance_types or [_SYSTEM_INSTANCES[self.cloud]]
