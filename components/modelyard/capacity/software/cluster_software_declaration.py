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
from ...resolve.controllers import Controller
from .mesh import Mesh


class ClusterSoftwareDeclaration(Declaration):
    """Same keys as :class:`~modelyard.capacity.software.cluster_software_args.ClusterSoftwareArgs`."""

    cluster: ClusterName
    region: str
    kubernetes_version: str
    eks_cluster: Any = None
    domain: Hostname
    reach: Literal["internal", "internet"] = "internal"
    acme: Acme | None = None
    hostnames: list[str] = []
    monitoring: Monitoring = Monitoring()
    node_autoscaler: Literal["cluster_autoscaler", "none"] = "cluster_autoscaler"
    system_nodes: Mapping[str, str] = {}
    gateway_replicas: Annotated[int, Field(ge=1, le=100)] = 2
    client_certificates: Mtls | None = None
    rate_limit_redis: Redis | None = None
    mesh: Mesh = "none"
    controllers: list[Controller] = []
    system_architecture: Architecture = "x86_64"

    @property
    def certificates(self) -> Literal["private_ca"] | Acme:
        return "private_ca" if self.acme is None else self.acme

    @model_validator(mode="after")
    def _fits(self) -> ClusterSoftwareDeclaration:
        if self.node_autoscaler == "cluster_autoscaler" and self.eks_cluster is None:
            raise ValueError("node_autoscaler cluster_autoscaler needs eks_cluster; name it, or choose none")
        if self.acme is not None and self.reach == "internal":
            raise ValueError("certificates by ACME need reach: internet; an internal gateway takes private_ca")
        return self
