"""A managed node group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pulumi_aws as aws

from ...environment.eks_nodes import EksNodes
from ...governance.logical_name import NODE_GROUP_LIMIT, logical_name
from ...governance.ownership import Ownership
from .capacity_purchase import CapacityPurchase
from .launch_template import TemplateExtras, launch_template

if TYPE_CHECKING:
    from pulumi_aws.eks import NodeGroupNodeRepairConfigArgsDict, NodeGroupTaintArgsDict
    from pulumi_aws.eks.outputs import NodeGroupResource

_EKS_EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}


def node_group(
    name: str,
    *,
    cluster_name: pulumi.Input[str],
    node_role_arn: pulumi.Input[str],
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    kubernetes_version: pulumi.Input[str] | None,
    ami_type: str,
    purchase: CapacityPurchase,
    disk_gib: int,
    min_nodes: int,
    desired_nodes: int,
    max_nodes: int,
    labels: Mapping[str, str],
    taints: Sequence[tuple[str, str, str]],
    update: Mapping[str, int],
    repair: bool,
    scheduled: bool = False,
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
    depends_on: Sequence[pulumi.Resource] = (),
    extras: TemplateExtras = TemplateExtras(),  # noqa: B008 (frozen)
    settings: EksNodes = EksNodes(),  # noqa: B008 (frozen)
) -> aws.eks.NodeGroup:
    """Launch template and node group, autonamed so that a replacement is up before the old one goes.

    The desired count belongs to the node autoscaler once the group exists, and where ``scheduled`` the limits to the
    schedules, too (docs/field-owners.md): EKS reports what they did to the Auto Scaling group as the node group's own,
    and after a refresh an ``up`` would undo it.
    """
    template = launch_template(
        name,
        ami_type=ami_type,
        disk_gib=disk_gib,
        region=region,
        ownership=ownership,
        opts=pulumi.ResourceOptions(parent=parent),
        extras=replace(
            extras,
            instance_type=purchase.instance_type,
            market_type=purchase.market_type,
            reservation=purchase.reservation,
        ),
    )
    updates: dict[str, Any] = dict(update)
    if purchase.update_strategy is not None:
        updates["update_strategy"] = purchase.update_strategy
    return aws.eks.NodeGroup(
        logical_name(name, limit=NODE_GROUP_LIMIT),
        cluster_name=cluster_name,
        node_role_arn=node_role_arn,
        subnet_ids=subnet_ids,
        version=kubernetes_version,
        ami_type=ami_type,
        capacity_type=purchase.capacity_type,
        instance_types=None if purchase.instance_types is None else list(purchase.instance_types),
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        scaling_config={"min_size": min_nodes, "desired_size": desired_nodes, "max_size": max_nodes},
        labels=dict(labels),
        taints=[_taint(*one) for one in taints] or None,
        update_config=updates,  # pyright: ignore[reportArgumentType] (keys are those of the type)
        node_repair_config=_repair(repair, settings),
        release_version=settings.image_release,
        force_update_version=settings.force_update or None,
        region=region,
        tags=ownership.aws_tags(),
        opts=pulumi.ResourceOptions(
            parent=parent,
            ignore_changes=["scalingConfig" if scheduled else "scalingConfig.desiredSize"],
            depends_on=list(depends_on),
        ),
    )


def autoscaling_group_name(group: aws.eks.NodeGroup) -> pulumi.Output[str]:
    """Name of the Auto Scaling group that EKS made for a node group."""
    return group.resources.apply(_first_group)


def _repair(enabled: bool, settings: EksNodes) -> NodeGroupNodeRepairConfigArgsDict:
    found: NodeGroupNodeRepairConfigArgsDict = {"enabled": enabled}
    if enabled and settings.repair_at_once is not None:
        found["max_parallel_nodes_repaired_count"] = settings.repair_at_once
    if enabled and settings.repair_stops_at_percent is not None:
        found["max_unhealthy_node_threshold_percentage"] = settings.repair_stops_at_percent
    return found


def _first_group(resources: Sequence[NodeGroupResource]) -> str:
    groups = resources[0].autoscaling_groups
    return cast(str, groups[0].name) if groups else ""


def _taint(key: str, value: str, effect: str) -> NodeGroupTaintArgsDict:
    taint: NodeGroupTaintArgsDict = {"key": key, "effect": _EKS_EFFECTS[effect]}
    if value:
        taint["value"] = value
    return taint
