"""A pool of GPU nodes on EKS."""

import pulumi

from ..environment.gpu_pool import GpuPool
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from ..resolve.gpu_pool import resolve_gpu_pool
from ..resolve.resolved import ResolvedGpuPool
from .eks.node_group import autoscaling_group_name, node_group
from .eks.pool_schedule import pool_schedules
from .eks.scale_from_zero import node_template_tags, tag_autoscaling_group
from .gpu_node_pool_args import GpuNodePoolArgs

_GPU_RESOURCE = "nvidia.com/gpu"
_AUTOSCALER_GPU_LABEL = "k8s.amazonaws.com/accelerator"
"""By this label the cluster autoscaler knows a node whose GPU the device plugin has yet to announce; without it
every new node would look too small, and another would be added."""


class GpuNodePool(pulumi.ComponentResource):
    """A managed node group of machines with one kind of accelerator, on an EKS cluster.

    Nodes carry the taint nvidia.com/gpu=present:NoSchedule and labels by which pods and the node autoscaler find
    them; instances, volumes and network interfaces carry the ownership tags. A change that forces a new group
    (instance types, image, subnets) brings it up before the old one goes.

    Raises:
        InvalidEnvironment: an argument is wrong, or no machine of the region fits.
    """

    node_group_name: pulumi.Output[str]
    """Physical name of the node group."""
    autoscaling_group_name: pulumi.Output[str]
    """Auto Scaling group that EKS made for it."""

    def __init__(self, name: str, args: GpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(GpuPool, args, GpuNodePoolArgs, f"GpuNodePool {name}")
        ownership = Ownership.of(args["ownership"])
        pool = resolve_gpu_pool(declared, cluster=args["cluster"], region=args["region"])
        super().__init__("modelyard:index:GpuNodePool", name, {}, opts)
        labels = {**pool.labels, _AUTOSCALER_GPU_LABEL: f"nvidia-{pool.accelerator.lower()}"}
        group = node_group(
            name,
            cluster_name=args["cluster_name"],
            node_role_arn=args["node_role_arn"],
            subnet_ids=args["subnet_ids"],
            kubernetes_version=args.get("kubernetes_version"),
            ami_type=pool.image,
            capacity=declared.capacity,
            instance_types=pool.instance_types,
            disk_gib=declared.disk_gib,
            min_nodes=declared.min_nodes,
            desired_nodes=pool.desired_nodes,
            max_nodes=declared.max_nodes,
            labels=labels,
            taints=pool.taints,
            update=declared.update.model_dump(
                exclude_none=True, include={"max_unavailable", "max_unavailable_percentage"}
            ),
            repair=declared.repair,
            scheduled=bool(declared.schedules),
            region=pool.region,
            ownership=ownership,
            parent=self,
        )
        self.node_group_name = group.node_group_name
        self.autoscaling_group_name = autoscaling_group_name(group)
        if _reaches_zero(pool):
            tag_autoscaling_group(
                name,
                group_name=self.autoscaling_group_name,
                tags=node_template_tags(labels, pool.taints, {_GPU_RESOURCE: pool.gpus_per_node}),
                region=pool.region,
                parent=self,
            )
        pool_schedules(
            name,
            group_name=self.autoscaling_group_name,
            schedules=declared.schedules,
            region=pool.region,
            parent=self,
        )
        self.register_outputs(
            {"nodeGroupName": self.node_group_name, "autoscalingGroupName": self.autoscaling_group_name}
        )


def _reaches_zero(pool: ResolvedGpuPool) -> bool:
    return min([pool.declared.min_nodes, *(one.min_nodes for one in pool.declared.schedules)]) == 0
