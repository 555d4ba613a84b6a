"""A GPU pool of GKE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from ...catalog.instance_shapes import shape
from ...governance.ownership import Ownership
from ...resolve.resolved_pool import ResolvedGpuPool
from ..made_pool import MadePool
from .accelerator import guest_accelerators
from .node_capacity import bought, is_scheduled, location_policy
from .node_pool import node_pool

if TYPE_CHECKING:
    from ..gpu_node_pool_args import GpuNodePoolArgs

_COMPONENT = "GpuNodePool"
_RDMA = "gpudirect-rdma"
_OPERATORS_PLUGIN = {"gke-no-default-nvidia-gpu-device-plugin": "true"}
"""Keeps GKE's device plugin away where the operator has its own ("NVIDIA GPU Operator with Google GKE")."""


def gke_pool(
    name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """One node pool, or a ComputeClass that has GKE make some."""
    if pool.declared.provisioner == "compute_class":
        from .compute_class import gpu_compute_class

        return gpu_compute_class(name, pool, args, ownership=ownership, parent=parent)
    declared, location = pool.declared, args.get("location") or pool.region
    made = node_pool(
        name,
        component=_COMPONENT,
        cluster_name=args["cluster_name"],
        location=location,
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
        labels={**pool.labels, **(_OPERATORS_PLUGIN if pool.driver_by == "gpu_operator" else {})},
        taints=pool.taints,
        update=declared.update,
        repair=declared.repair and not is_scheduled(pool),
        is_short_lived=is_scheduled(pool),
        # The driver's kernel module has no signature that the firmware knows, where GKE compiles it for the node.
        secure_boot=False,
        node_config={
            # Of TPUs the machine type says all; a topology would ask for a slice of several nodes.
            **({"guest_accelerators": guest_accelerators(pool)} if pool.tpu_topology is None else {}),
            **bought(pool),
            **_local_ssd(pool),
            **_image_start(pool),
            **_network_of_node(pool),
        },
        settings=_settings(pool),
        ownership=ownership,
        parent=parent,
    )
    return MadePool(made.name, [made])


def _local_ssd(pool: ResolvedGpuPool) -> dict[str, Any]:
    declared = pool.declared.local_ssd
    if declared is None:
        return {}
    machine = shape("gcp", pool.instance_types[0])
    count = declared.count or (machine.local_ssd_count if machine is not None else None)
    key = "ephemeral_storage_local_ssd_config" if declared.use == "ephemeral" else "local_nvme_ssd_block_config"
    return {key: {"local_ssd_count": count}}


def _image_start(pool: ResolvedGpuPool) -> dict[str, Any]:
    """Secondary boot disks are read by the snapshotter of image streaming; nothing where the cluster decides."""
    start = pool.declared.image_start
    if start is None:
        return {}
    told: dict[str, Any] = {"gcfs_config": {"enabled": start.by != "pull"}}
    if start.disk is not None:
        told["secondary_boot_disks"] = [{"disk_image": start.disk, "mode": "CONTAINER_IMAGE_CACHE"}]
    return told


def _network_of_node(pool: ResolvedGpuPool) -> dict[str, Any]:
    """gVNIC carries GPUDirect-TCPX and -TCPXO; machines with RDMA have cards of their own for it."""
    if not pool.declared.fabric:
        return {}
    machine = shape("gcp", pool.instance_types[0])
    rdma = machine is not None and machine.fabric == _RDMA
    return {"gvnic": {"enabled": True}, **({"gpudirect_strategy": "RDMA"} if rdma else {})}


def _settings(pool: ResolvedGpuPool) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if pool.placement_group:
        settings["placement_policy"] = {"type": "COMPACT"}
    if pool.capacity == "queued":
        settings["queued_provisioning"] = {"enabled": True}
    if pool.declared.fabric:
        # GKE makes the networks of the further interfaces itself, one for each, and keeps them with the node pool.
        settings["network_config"] = {"accelerator_network_profile": "auto"}
    return settings
