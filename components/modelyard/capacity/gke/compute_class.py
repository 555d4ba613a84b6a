"""Pools whose node pools GKE makes itself when pods ask for them.

Follows "ComputeClass" of GKE's reference of custom resources (``cloud.google.com/v1``) and "About custom
ComputeClasses". A ComputeClass has no limit of nodes and no labels for machines: those carry the labels of the cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

from ...catalog.gke_accelerators import gke_accelerator, gke_tpu
from ...catalog.gke_boot_disks import boot_disk_type
from ...catalog.instance_shapes import shape
from ...governance.ownership import Ownership
from ...resolve.pool_machines import machine_type
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from ..made_pool import MadePool
from ..software.kubernetes_object import declare
from .accelerator import class_sharing
from .node_capacity import location_policy

if TYPE_CHECKING:
    from ..cpu_node_pool_args import CpuNodePoolArgs
    from ..gpu_node_pool_args import GpuNodePoolArgs

_HOUR_SECONDS = 3600
_MOST_HOURS = 168
_MOST_NODES = "modelyard.dev/max-nodes"
_REGION = "modelyard.dev/region"
"""Annotations that the placement proof and the estimate read: a ComputeClass says neither."""


def gpu_compute_class(
    name: str, pool: ResolvedGpuPool, args: GpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Its machines in order of preference, each with the pool's accelerator."""
    rules = [_gpu_rule(pool, each, args.get("boot_disk_kms_key")) for each in pool.instance_types]
    return _compute_class(name, pool, rules, args.get("service_account"), ownership, parent)


def cpu_compute_class(
    name: str, pool: ResolvedCpuPool, args: CpuNodePoolArgs, *, ownership: Ownership, parent: pulumi.Resource
) -> MadePool:
    """Its machines in order of preference."""
    rules = [_rule(pool, each, args.get("boot_disk_kms_key")) for each in pool.instance_types]
    return _compute_class(name, pool, rules, args.get("service_account"), ownership, parent)


def _compute_class(
    name: str,
    pool: ResolvedGpuPool | ResolvedCpuPool,
    rules: Sequence[Mapping[str, Any]],
    service_account: pulumi.Input[str] | None,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> MadePool:
    """Named like the pool: pods ask for it by the label cloud.google.com/compute-class."""
    config: dict[str, Any] = {
        "imageType": pool.image.lower(),
        "nodeLabels": dict(pool.labels),
        "autoRepair": pool.declared.repair,
        "autoUpgrade": True,
    }
    if pool.taints:
        config["taints"] = [_taint(*one) for one in pool.taints]
    if service_account is not None:
        config["serviceAccount"] = service_account
    manifest = {
        "apiVersion": "cloud.google.com/v1",
        "kind": "ComputeClass",
        "metadata": {
            "name": pool.name,
            "labels": {**ownership.kubernetes_labels(), "modelyard.dev/pool": pool.name},
            "annotations": {_MOST_NODES: str(pool.max_nodes), _REGION: pool.region},
        },
        "spec": {
            "priorities": list(rules),
            "nodePoolAutoCreation": {"enabled": True},
            "nodePoolConfig": config,
            # Other machines would not have what the pool promises.
            "whenUnsatisfiable": "DoNotScaleUp",
        },
    }
    made = declare(name, manifest, pulumi.ResourceOptions(parent=parent))
    return MadePool(pulumi.Output.from_input(pool.name), [made])


def _gpu_rule(pool: ResolvedGpuPool, instance_type: str, key: pulumi.Input[str] | None) -> dict[str, Any]:
    declared, rule = pool.declared, _rule(pool, instance_type, key)
    if pool.tpu_topology is not None:
        # Type, count and topology say which machine it is.
        tpu = gke_tpu(rule.pop("machineType"))
        rule["tpu"] = {"type": tpu.type, "count": tpu.chips_per_node, "topology": tpu.topology}
    else:
        rule["gpu"] = {
            "type": gke_accelerator(pool.accelerator, machine_type(instance_type)).type,
            "count": pool.gpus_per_node,
            "driverVersion": declared.driver.version,
        }
        if shared := class_sharing(declared.sharing):
            rule["gpu"]["gpuSharing"] = shared
    if pool.capacity == "flex_start":
        hours = declared.flex_start.max_run_hours if declared.flex_start is not None else _MOST_HOURS
        rule |= {"flexStart": {"enabled": True}, "maxRunDurationSeconds": hours * _HOUR_SECONDS}
    if declared.reservation is not None:
        rule["reservations"] = _reservations(declared.reservation.id, declared.reservation.affinity)
    if declared.fabric:
        rule["acceleratorNetworkProfile"] = "auto"
    if declared.image_start is not None and declared.image_start.disk is not None:
        project, name = _disk_image(declared.image_start.disk)
        rule["storage"]["secondaryBootDisks"] = [
            {"diskImageName": name, "project": project, "mode": "CONTAINER_IMAGE_CACHE"}
        ]
    if declared.local_ssd is not None:
        machine = shape("gcp", instance_type)
        count = declared.local_ssd.count or (machine.local_ssd_count if machine is not None else None)
        rule["storage"]["localSSDCount"] = count
    return rule


def _rule(pool: ResolvedGpuPool | ResolvedCpuPool, instance_type: str, key: pulumi.Input[str] | None) -> dict[str, Any]:
    machine = machine_type(instance_type)
    disk = {"bootDiskType": boot_disk_type(machine), "bootDiskSize": pool.declared.disk_gib}
    return {
        "machineType": machine,
        "spot": pool.capacity == "spot",
        "location": {
            "locationPolicy": location_policy(pool.capacity),
            **({"zones": list(pool.zones)} if pool.zones else {}),
        },
        "storage": disk if key is None else {**disk, "bootDiskKMSKey": key},
    }


def _disk_image(path: str) -> tuple[str, str]:
    """Project and name of ``projects/<project>/global/images/<name>``."""
    parts = path.split("/")
    return parts[1], "/".join(parts[4:])


def _reservations(reservation: str, affinity: str) -> dict[str, Any]:
    if affinity == "any":
        return {"affinity": "AnyBestEffort"}
    *shared, name = reservation.split("/")  # projects/<project>/reservations/<name>
    project = {"project": shared[1]} if shared else {}
    return {"affinity": "Specific", "specific": [{"name": name, **project}]}


def _taint(key: str, value: str, effect: str) -> dict[str, str]:
    return {"key": key, "effect": effect, **({"value": value} if value else {})}
