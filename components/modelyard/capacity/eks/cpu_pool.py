"""A pool of EKS without accelerators as a managed node group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...environment.eks_nodes import EksNodes
from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool
from ..made_pool import MadePool
from .capacity_purchase import capacity_purchase
from .launch_template import TemplateExtras
from .node_group import autoscaling_group_name, node_group
from .pool_schedule import pool_schedules
from .scale_from_zero import node_template_tags, tag_autoscaling_group

if TYPE_CHECKING:
    from ..cpu_node_pool_args import CpuNodePoolArgs


def eks_cpu_pool(
    name: str, pool: ResolvedCpuPool, args: CpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Launch template, node group, its schedules, and tags for the autoscaler where it reaches zero."""
    declared, schedules = pool.declared, pool.schedules
    node_role_arn, subnet_ids = args.get("node_role_arn"), args.get("subnet_ids")
    assert node_role_arn is not None and subnet_ids is not None  # the component has looked
    group = node_group(
        name,
        cluster_name=args["cluster_name"],
        node_role_arn=node_role_arn,
        subnet_ids=subnet_ids,
        kubernetes_version=args.get("kubernetes_version"),
        ami_type=pool.image,
        purchase=capacity_purchase(pool.capacity, pool.instance_types, None),
        disk_gib=declared.disk_gib,
        min_nodes=pool.min_nodes,
        desired_nodes=pool.desired_nodes,
        max_nodes=pool.max_nodes,
        labels=pool.labels,
        taints=pool.taints,
        update=declared.update.model_dump(exclude_none=True, include={"max_unavailable", "max_unavailable_percentage"}),
        repair=declared.repair,
        scheduled=bool(schedules),
        region=pool.region,
        ownership=ownership,
        parent=parent,
        extras=TemplateExtras(disk_kms_key_arn=args.get("disk_kms_key_arn")),
        settings=declared.eks or EksNodes(),
    )
    group_name = autoscaling_group_name(group)
    if min([pool.min_nodes, *(one.min_nodes for one in schedules)]) == 0:
        tag_autoscaling_group(
            name,
            group_name=group_name,
            tags=node_template_tags(pool.labels, pool.taints, {}),
            region=pool.region,
            parent=parent,
        )
    pool_schedules(name, group_name=group_name, schedules=schedules, region=pool.region, parent=parent)
    return MadePool(group.node_group_name, [group], group_name)
