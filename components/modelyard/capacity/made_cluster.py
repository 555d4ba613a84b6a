"""What a cloud made of a declared cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from ..resolve.names import SYSTEM_POOL as SYSTEM_POOL


@dataclass(frozen=True, slots=True)
class MadeCluster:
    """The same of EKS, GKE and AKS, for :class:`~modelyard.capacity.serving_cluster.ServingCluster` and
    :class:`~modelyard.capacity.existing_cluster.ExistingCluster`."""

    name: pulumi.Output[str]
    """Physical name."""
    endpoint: pulumi.Output[str]
    """Address of the API server, with ``https://``."""
    certificate_authority: pulumi.Output[str]
    """Base64."""
    kubernetes_version: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    """Without a secret: it names the cloud's own plugin for tokens. Known once the system nodes are up."""
    identifier: str
    """Alone in the world: changes with the cluster, and with nothing else."""
    resource_id: pulumi.Output[str] | None = None
    """ARN of EKS, self link or id of GKE, resource id of AKS."""
    security_group_id: pulumi.Output[str] | None = None
    """EKS: of control plane and nodes."""
    nodes: Mapping[str, Any] = field(default_factory=dict)
    """What pools of the cluster need, by the name of a GpuNodePool argument: ``node_role_arn`` of EKS,
    ``service_account`` of GKE, ``subnet_id`` of AKS. Outputs, but for the ``location`` of GKE, which is text."""
    tunnel_command: pulumi.Output[str] | None = None
    """EKS: opens a local port to the API through the bastion; None without one."""
    identity_issuer: pulumi.Output[str] | None = None
    """AKS: address of the issuer that workload identities trust. GKE: the workload pool."""
    pull_principal_id: pulumi.Output[str] | None = None
    """AKS: object id of the identity by which nodes pull images; a registry has to know it."""
    ready: Sequence[pulumi.Resource] = ()
    """What pods wait for: system nodes and add-ons."""
