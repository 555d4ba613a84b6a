"""A pool of GPU nodes: on EKS, GKE or AKS."""

from typing import Any

import pulumi

from ..environment.environment import shown_path
from ..environment.gpu_pool import GpuPool
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from ..resolve.gpu_pool import decide_gpu_pool
from ..resolve.gpu_software import GpuNodes, refused_gpu_software
from ..resolve.pool_standby import pool_standby
from ..resolve.resolved_pool import ResolvedGpuPool
from .gpu_node_pool_args import GpuNodePoolArgs
from .made_pool import MadePool
from .node_pool_arguments import pool_argument_problems, pool_cloud


class GpuNodePool(pulumi.ComponentResource):
    """Nodes with one kind of accelerator: a managed node group of EKS, a node pool of GKE, an agent pool of AKS, or
    what Karpenter, EKS Auto Mode or a ComputeClass of GKE takes instead.

    Nodes carry the taint nvidia.com/gpu=present:NoSchedule and labels by which pods and the node autoscaler find
    them; machines, disks and network interfaces carry the ownership tags. A change that forces new nodes (instance
    types, image, subnets) brings them up before the old ones go. Spot capacity with a floor on demand is two groups of
    nodes. Schedules of a managed node group of EKS are those of its Auto Scaling group; of any other pool they are
    small pods that keep nodes, for which the component takes the Kubernetes provider of the cluster from ``opts``.

    Raises:
        InvalidEnvironment: an argument is wrong, the cloud refuses the combination, or no machine of the region fits.
    """

    node_group_name: pulumi.Output[str]
    """Physical name of the node group, node pool, agent pool, NodePool or ComputeClass."""
    autoscaling_group_name: pulumi.Output[str]
    """Auto Scaling group that EKS made for a managed node group; otherwise empty."""
    floor_node_group_name: pulumi.Output[str]
    """Physical name of the nodes on demand beside spot nodes; empty without spot.on_demand_floor."""

    def __init__(self, name: str, args: GpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"GpuNodePool {name}"
        declared = read_arguments(GpuPool, args, GpuNodePoolArgs, component)
        ownership = Ownership.of(args["ownership"])
        cloud = pool_cloud(args, component)
        pool = decide_gpu_pool(declared, cluster=args["cluster"], region=args["region"], cloud=cloud)
        problems = pool_argument_problems(component, cloud, declared, args)
        version = args.get("kubernetes_version")
        software = refused_gpu_software(
            cloud, [GpuNodes.of_pool(declared, cloud)], version if isinstance(version, str) else None
        )
        problems += [Problem(component, shown_path(steps), text) for _, (steps, text) in software]
        if isinstance(pool, list):
            problems += [Problem(component, shown_path(steps), text) for steps, text in pool]
        if problems or isinstance(pool, list):
            raise InvalidEnvironment(problems)
        super().__init__("modelyard:index:GpuNodePool", name, {}, opts)
        made = [
            _made(name + group.name.removeprefix(declared.name), group, args, ownership, self)
            for group in pool.node_groups
        ]
        empty = pulumi.Output.from_input("")
        self.node_group_name = made[0].name
        self.autoscaling_group_name = made[0].autoscaling_group_name or empty
        self.floor_node_group_name = made[1].name if len(made) > 1 else empty
        self.resources = [resource for group in made for resource in group.resources]
        standby = pool_standby(pool)
        if standby is not None:
            from .pool_standby import declare_standby

            declare_standby(name, standby, ownership, after=self.resources, parent=self)
        self.register_outputs(
            {
                "nodeGroupName": self.node_group_name,
                "autoscalingGroupName": self.autoscaling_group_name,
                "floorNodeGroupName": self.floor_node_group_name,
            }
        )


def _made(
    name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Each cloud's SDK is imported where its pool is made."""
    of: dict[str, Any] = {"ownership": ownership, "parent": parent}
    provisioner = pool.declared.provisioner
    if pool.cloud == "gcp":
        from .gke.pool import gke_pool  # pyright: ignore[reportMissingImports]

        return gke_pool(name, pool, args, **of)
    if pool.cloud == "azure":
        from .aks.pool import aks_pool  # pyright: ignore[reportMissingImports]

        return aks_pool(name, pool, args, **of)
    if provisioner in ("karpenter", "auto_mode"):
        from .karpenter.pool import karpenter_pool

        return karpenter_pool(name, pool, args, **of)
    from .eks.pool import eks_pool

    return eks_pool(name, pool, args, **of)
