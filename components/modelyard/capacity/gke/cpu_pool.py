"""A pool of GKE without accelerators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedCpuPool
from ..made_pool import MadePool
from .node_capacity import location_policy
from .node_pool import node_pool

if TYPE_CHECKING:
    from ..cpu_node_pool_args import CpuNodePoolArgs

_COMPONENT = "CpuNodePool"


def gke_cpu_pool(
    name: str, pool: ResolvedCpuPool, args: CpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """One node pool, or a ComputeClass that has GKE make some."""
    if pool.declared.provisioner == "compute_class":
        from .compute_class import cpu_compute_class

        return cpu_compute_class(name, pool, args, ownership=ownership, parent=parent)
    declared = pool.declared
    made = node_pool(
        name,
        component=_COMPONENT,
        cluster_name=args["cluster_name"],
        location=args.get("location") or pool.region,
        project=args.get("project"),
        service_account=args.get("service_account"),
        boot_disk_kms_key=args.get("boot_disk_kms_key"),
        kubernetes_version=args.get("kubernetes_version"),
        machine_type=pool.machine_type,
        architecture=pool.architecture,
        image=pool.image,
        disk_gib=declared.disk_gib,
        zones=pool.zones,
        min_nodes=pool.min_nodes,
        desired_nodes=pool.desired_nodes,
        max_nodes=pool.max_nodes,
        location_policy=location_policy(pool.capacity),
        labels=pool.labels,
        taints=pool.taints,
        update=declared.update,
        repair=declared.repair,
        secure_boot=True,
        node_config={"spot": True} if pool.capacity == "spot" else {},
        ownership=ownership,
        parent=parent,
    )
    return MadePool(made.name, [made])
