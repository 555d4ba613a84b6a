"""Arguments of the cluster's software, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ...catalog.chart_plugins import Architecture
from ...environment.access import Mtls, Redis
from ...environment.declaration import Declaration
from ...environment.gateway import Acme, Hostname
from ...environment.monitoring import Monitoring
from ...environment.names import ClusterName
from ...environment.target import Cloud
from ...resolve.controllers import Controller
from .mesh import Mesh


class ClusterSoftwareDeclaration(Declaration):
    """Same keys as :class:`~modelyard.capacity.software.cluster_software_args.ClusterSoftwareArgs`."""

    cluster: ClusterName
    cloud: Cloud = "aws"
    region: str
    kubernetes_version: str
    eks_cluster: Any = None
    auto_mode: bool = False
    domain: Hostname
    reach: Literal["internal", "internet"] = "internal"
    acme: Acme | None = None
    hostnames: list[str] = []
    monitoring: Monitoring = Monitoring()
    node_autoscaler: Literal["cluster_autoscaler", "karpenter", "none"] | None = None
    gpu_claims: bool = False
    system_nodes: Mapping[str, str] = {}
    gateway_replicas: Annotated[int, Field(ge=1, le=100)] = 2
    client_certificates: Mtls | None = None
    rate_limit_redis: Redis | None = None
    mesh: Mesh = "none"
    controllers: list[Controller] = []
    system_architecture: Architecture = "x86_64"
    system_machine: str | None = None
    disk_encryption_set_id: str | None = None
    volume_kms_key: Any = None

    @property
    def certificates(self) -> Literal["private_ca"] | Acme:
        return "private_ca" if self.acme is None else self.acme

    @property
    def installs_node_autoscaler(self) -> bool:
        """Whether Kubernetes' own is installed, which EKS alone lacks."""
        chosen = self.node_autoscaler or "cluster_autoscaler"
        return self.cloud == "aws" and not self.auto_mode and chosen == "cluster_autoscaler"

    @model_validator(mode="after")
    def _fits(self) -> ClusterSoftwareDeclaration:
        if self.installs_node_autoscaler and self.eks_cluster is None:
            raise ValueError("node_autoscaler cluster_autoscaler needs eks_cluster; name it, or choose none")
        if self.acme is not None and self.reach == "internal":
            raise ValueError("certificates by ACME need reach: internet; an internal gateway takes private_ca")
        return self

    @model_validator(mode="after")
    def _of_its_cloud(self) -> ClusterSoftwareDeclaration:
        wrong = []
        if self.cloud != "aws":
            if self.eks_cluster is not None:
                wrong.append(f"eks_cluster is for cloud: aws, and cloud is {self.cloud}; delete it")
            if self.auto_mode:
                wrong.append(f"auto_mode is for cloud: aws, and cloud is {self.cloud}; delete it")
            if self.node_autoscaler == "karpenter":
                wrong.append(f"node_autoscaler karpenter is for cloud: aws, and cloud is {self.cloud}; delete it")
        if self.cloud != "azure" and self.disk_encryption_set_id is not None:
            wrong.append(f"disk_encryption_set_id is for cloud: azure, and cloud is {self.cloud}; delete it")
        if self.cloud != "gcp" and self.volume_kms_key is not None:
            wrong.append(f"volume_kms_key is for cloud: gcp, and cloud is {self.cloud}; delete it")
        if wrong:
            raise ValueError("; and ".join(wrong))
        return self
