"""A pool of EKS whose nodes Karpenter or EKS Auto Mode starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from ..made_pool import MadePool
from ..software.kubernetes_object import declare
from .node_class import node_class
from .node_pool import node_pool


def karpenter_pool(
    name: str,
    pool: ResolvedGpuPool | ResolvedCpuPool,
    args: Mapping[str, Any],
    *,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadePool:
    """Its node class and, after that, its NodePool, through the Kubernetes provider of the component.

    Both are changed in place: Karpenter replaces the nodes that no longer fit, new ones first.
    """
    group = None
    if isinstance(pool, ResolvedGpuPool) and pool.placement_group:
        from ..eks.placement_group import placement_group

        group = placement_group(name, region=pool.region, ownership=ownership, parent=parent)
    machines = declare(
        f"{name}-class",
        node_class(pool, args, ownership, tag_name=name, placement_group=group),
        pulumi.ResourceOptions(parent=parent),
    )
    nodes = declare(name, node_pool(pool, ownership), pulumi.ResourceOptions(parent=parent, depends_on=[machines]))
    return MadePool(pulumi.Output.from_input(pool.name), [nodes])
