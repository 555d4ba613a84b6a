"""A GPU pool of EKS as a managed node group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...catalog.instance_shapes import shape
from ...environment.eks_nodes import EksNodes
from ...governance.ownership import Ownership
from ...resolve.image_start import preloaded_disk, pulls_in_parallel, volume_mib_per_second
from ...resolve.resolved_pool import ResolvedGpuPool
from ..made_pool import MadePool
from .capacity_purchase import capacity_purchase
from .fabric import efa_interfaces, efa_security_group
from .launch_template import TemplateExtras
from .node_group import autoscaling_group_name, node_group
from .node_user_data import node_user_data
from .placement_group import placement_group
from .pool_schedule import pool_schedules
from .scale_from_zero import node_template_tags, tag_autoscaling_group

if TYPE_CHECKING:
    from ..gpu_node_pool_args import GpuNodePoolArgs

_NVIDIA = "nvidia.com/gpu"
_EFA = "vpc.amazonaws.com/efa"
_AUTOSCALER_GPU_LABEL = "k8s.amazonaws.com/accelerator"
"""By this label the cluster autoscaler knows a node whose GPU the device plugin has yet to announce; without it
every new node would look too small, and another would be added. Not for Inferentia and Trainium: it would wait for an
nvidia.com/gpu that never comes."""


def eks_pool(
    name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Launch template, node group, its schedules, and tags for the autoscaler where it reaches zero; with ``compact`` a
    placement group, unless a reservation says where nodes stand; with ``fabric`` a security group for EFA."""
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
        purchase=capacity_purchase(
            pool.capacity, pool.instance_types, declared.reservation if pool.reservation_id is not None else None
        ),
        disk_gib=declared.disk_gib,
        min_nodes=pool.min_nodes,
        desired_nodes=pool.desired_nodes,
        max_nodes=pool.max_nodes,
        labels=eks_labels(pool),
        taints=pool.taints,
        update=declared.update.model_dump(exclude_none=True, include={"max_unavailable", "max_unavailable_percentage"}),
        repair=declared.repair,
        scheduled=bool(schedules),
        region=pool.region,
        ownership=ownership,
        parent=parent,
        extras=_extras(name, pool, args, ownership, parent),
        settings=declared.eks or EksNodes(),
    )
    group_name = autoscaling_group_name(group)
    if min([pool.min_nodes, *(one.min_nodes for one in schedules)]) == 0:
        tag_autoscaling_group(
            name,
            group_name=group_name,
            tags=node_template_tags(eks_labels(pool), pool.taints, node_resources(pool)),
            region=pool.region,
            parent=parent,
        )
    pool_schedules(name, group_name=group_name, schedules=schedules, region=pool.region, parent=parent)
    return MadePool(group.node_group_name, [group], group_name)


def eks_labels(pool: ResolvedGpuPool) -> dict[str, str]:
    """Labels of nodes of a managed group: those of every cloud, and what the node autoscaler reads."""
    of_autoscaler = {_AUTOSCALER_GPU_LABEL: f"nvidia-{pool.accelerator.lower()}"}
    return {**pool.labels, **(of_autoscaler if pool.gpu_resource == _NVIDIA else {})}


def node_resources(pool: ResolvedGpuPool) -> dict[str, int]:
    """What device plugins offer to pods on one node."""
    found = {pool.gpu_resource: pool.gpu_devices_per_node}
    machine = shape("aws", pool.instance_types[0])
    if pool.declared.fabric and machine is not None:
        found[_EFA] = machine.efa_interfaces
    return found


def _extras(
    name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, ownership: Ownership, parent: pulumi.Resource
) -> TemplateExtras:
    declared = pool.declared
    return TemplateExtras(
        disk_kms_key_arn=args.get("disk_kms_key_arn"),
        placement_group=placement_group(name, region=pool.region, ownership=ownership, parent=parent)
        if pool.placement_group
        else None,
        network_interfaces=_interfaces(name, pool, args, ownership, parent) if declared.fabric else None,
        user_data=node_user_data(
            pool.image,
            local_disks=declared.local_ssd is not None and declared.local_ssd.use == "ephemeral",
            sharing=declared.sharing,
            accelerator=pool.accelerator,
            parallel_pull=pulls_in_parallel(declared),
        ),
        snapshot_id=preloaded_disk(declared),
        volume_mib_per_second=volume_mib_per_second(declared),
    )


def _interfaces(name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, ownership: Ownership, parent: pulumi.Resource):
    vpc_id, cluster_group = args.get("vpc_id"), args.get("security_group_id")
    machine = shape("aws", pool.instance_types[0])
    assert vpc_id is not None and cluster_group is not None and machine is not None  # looked at before
    group = efa_security_group(name, vpc_id=vpc_id, region=pool.region, ownership=ownership, parent=parent)
    return efa_interfaces(machine, [cluster_group, group.id])
