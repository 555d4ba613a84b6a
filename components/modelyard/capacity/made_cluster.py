"""What a cloud made of a declared cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, slots=True)
class MadeCluster:
    """The same of EKS, GKE and AKS, for :class:`~modelyard.capacity.serving_cluster.ServingCluster`."""

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
    nodes: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """What pools of the cluster need, by the name of a GpuNodePool argument: ``node_role_arn`` of EKS,
    ``service_account`` of GKE, ``subnet_id`` of AKS."""
    ready: Sequence[pulumi.Resource] = ()
    """What pods wait for: system nodes and add-ons."""
