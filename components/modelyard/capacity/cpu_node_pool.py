"""A pool of nodes without accelerators: on EKS, GKE or AKS."""

from typing import Any

import pulumi

from ..environment.cpu_pool import CpuPool
from ..environment.environment import shown_path
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import read_arguments
from ..governance.ownership import Ownership
from ..resolve.cpu_pool import decide_cpu_pool
from ..resolve.pool_standby import pool_standby
from ..resolve.resolved_pool import ResolvedCpuPool
from .cpu_node_pool_args import CpuNodePoolArgs
from .made_pool import MadePool
from .node_pool_arguments import pool_argument_problems, pool_cloud


class CpuNodePool(pulumi.ComponentResource):
    """Nodes without accelerators: a managed node group of EKS, a node pool of GKE, an agent pool of AKS, or what
    Karpenter, EKS Auto Mode or a ComputeClass of GKE takes instead.

    Nodes carry the labels modelyard.dev/cluster and modelyard.dev/pool; machines, disks and network interfaces carry
    the ownership tags. A change that forces new nodes brings them up before the old ones go. Schedules are as those of
    a GpuNodePool.

    Raises:
        InvalidEnvironment: an argument is wrong, or the cloud refuses the combination.
    """

    node_group_name: pulumi.Output[str]
    """Physical name of the node group, node pool, agent pool, NodePool or ComputeClass."""
    autoscaling_group_name: pulumi.Output[str]
    """Auto Scaling group that EKS made for a managed node group; otherwise empty."""
    floor_node_group_name: pulumi.Output[str]
    """Physical name of the nodes on demand beside spot nodes; empty without spot.on_demand_floor."""

    def __init__(self, name: str, args: CpuNodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"CpuNodePool {name}"
        declared = read_arguments(CpuPool, args, CpuNodePoolArgs, component)
        ownership = Ownership.of(args["ownership"])
        cloud = pool_cloud(args, component)
        pool = decide_cpu_pool(declared, cluster=args["cluster"], region=args["region"], cloud=cloud)
        problems = pool_argument_problems(component, cloud, declared, args)
        if isinstance(pool, list):
            problems += [Problem(component, shown_path(steps), text) for steps, text in pool]
        if problems or isinstance(pool, list):
            raise InvalidEnvironment(problems)
        super().__init__("modelyard:index:CpuNodePool", name, {}, opts)
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
    name: str, pool: ResolvedCpuPool, args: CpuNodePoolArgs, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Each cloud's SDK is imported where its pool is made."""
    of: dict[str, Any] = {"ownership": ownership, "parent": parent}
    if pool.cloud == "gcp":
        from .gke.cpu_pool import gke_cpu_pool  # pyright: ignore[reportMissingImports]

        return gke_cpu_pool(name, pool, args, **of)
    if pool.cloud == "azure":
        from .aks.cpu_pool import aks_cpu_pool  # pyright: ignore[reportMissingImports]

        return aks_cpu_pool(name, pool, args, **of)
    if pool.declared.provisioner in ("karpenter", "auto_mode"):
        from .karpenter.pool import karpenter_pool

        return karpenter_pool(name, pool, args, **of)
    from .eks.cpu_pool import eks_cpu_pool

    return eks_cpu_pool(name, pool, args, **of)
