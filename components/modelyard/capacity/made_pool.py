"""What a cloud made of a declared pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, slots=True)
class MadePool:
    """The same of EKS, GKE, AKS and Karpenter, for :class:`~modelyard.capacity.gpu_node_pool.GpuNodePool`."""

    name: pulumi.Output[str]
    """Physical name of the node group, node pool, agent pool, NodePool or ComputeClass."""
    resources: Sequence[pulumi.Resource]
    """What pods on its nodes wait for."""
    autoscaling_group_name: pulumi.Output[str] | None = None
    """EKS: the Auto Scaling group of a managed node group."""
