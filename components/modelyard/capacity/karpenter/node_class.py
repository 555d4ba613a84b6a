"""The node class of a pool: image, disks, network and tags of the machines that Karpenter or EKS Auto Mode starts.

Follows EC2NodeClass of karpenter.k8s.aws/v1, and "Create a Node Class for Amazon EKS" of the EKS user guide for Auto
Mode's NodeClass, which has an image and a root volume of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...catalog.instance_shapes import InstanceShape, shape
from ...governance.ownership import Ownership
from ...resolve.image_start import preloaded_disk, pulls_in_parallel, volume_iops, volume_mib_per_second
from ...resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from ..eks.machine_image import data_device, other_devices
from ..eks.node_user_data import node_settings
from .node_pool import node_class_kind

_SYSTEM_GIB = 4
"""Bottlerocket's own volume; its images have at least 2 GiB on it."""


def node_class(
    pool: ResolvedGpuPool | ResolvedCpuPool,
    args: Mapping[str, Any],
    ownership: Ownership,
    *,
    tag_name: str,
    placement_group: pulumi.Input[str] | None = None,
) -> dict[str, Any]:
    """The manifest, named as the pool.

    Args:
        pool: what is decided.
        args: the component's arguments: ``node_role_arn`` or ``auto_mode_role_arn``, ``subnet_ids``,
            ``security_group_id``, ``disk_kms_key_arn``.
        ownership: who pays for the machines.
        tag_name: what the AWS console shows in its Name column.
        placement_group: name of one that the nodes stand in.
    """
    group, version, kind = node_class_kind(pool)
    auto, key = pool.declared.provisioner == "auto_mode", args.get("disk_kms_key_arn")
    spec: dict[str, Any] = {
        "role": pulumi.Output.from_input(args["auto_mode_role_arn" if auto else "node_role_arn"]).apply(
            lambda arn: str(arn).rpartition("/")[2]
        ),
        "subnetSelectorTerms": pulumi.Output.from_input(args["subnet_ids"]).apply(_by_id),
        "securityGroupSelectorTerms": [{"id": args["security_group_id"]}],
        "tags": ownership.aws_tags(tag_name),
        **_reservations(pool),
        **(_of_auto_mode(pool, key) if auto else _of_karpenter(pool, key)),
    }
    if placement_group is not None:
        spec["placementGroupSelector"] = {"name": placement_group}
    metadata = {"name": pool.name, "labels": ownership.kubernetes_labels()}
    return {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": metadata, "spec": spec}


def _by_id(ids: list[str]) -> list[dict[str, str]]:
    return [{"id": each} for each in ids]


def _of_auto_mode(pool: ResolvedGpuPool | ResolvedCpuPool, key: pulumi.Input[str] | None) -> dict[str, Any]:
    encrypted = {} if key is None else {"kmsKeyID": key}
    return {"ephemeralStorage": {"size": f"{pool.declared.disk_gib}Gi", **encrypted}}


def _of_karpenter(pool: ResolvedGpuPool | ResolvedCpuPool, key: pulumi.Input[str] | None) -> dict[str, Any]:
    """The image is the named release, or the newest, which replaces older nodes as the pool's budget says."""
    release = pool.declared.karpenter.image_release if pool.declared.karpenter is not None else None
    family = "bottlerocket" if pool.image.startswith("BOTTLEROCKET") else "al2023"
    spec: dict[str, Any] = {
        "amiSelectorTerms": [{"alias": f"{family}@{release or 'latest'}"}],
        "blockDeviceMappings": [
            *(_disk(device, _SYSTEM_GIB, key) for device in other_devices(pool.image)),
            _disk(data_device(pool.image), pool.declared.disk_gib, key),
        ],
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "detailedMonitoring": True,
    }
    if not isinstance(pool, ResolvedGpuPool):
        return spec
    spec |= _image_start(pool, spec["blockDeviceMappings"])
    if pool.declared.local_ssd is not None and pool.declared.local_ssd.use == "ephemeral":
        spec["instanceStorePolicy"] = "RAID0"
    machine = shape("aws", pool.instance_types[0])
    if pool.declared.fabric and machine is not None:
        spec["networkInterfaces"] = _interfaces(machine)
    return spec


def _image_start(pool: ResolvedGpuPool, disks: list[dict[str, Any]]) -> dict[str, Any]:
    """How images come to the nodes. Karpenter adds its own settings to the user data, local disks among them."""
    declared, images = pool.declared, disks[-1]["ebs"]
    speed, snapshot = volume_mib_per_second(declared), preloaded_disk(declared)
    if speed is not None:
        images["throughput"] = speed
        if (iops := volume_iops(speed)) is not None:
            images["iops"] = iops
    if snapshot is not None:
        images["snapshotID"] = snapshot
    if not pulls_in_parallel(declared):
        return {}
    told = node_settings(pool.image, local_disks=False, sharing=None, accelerator=pool.accelerator, parallel_pull=True)
    return {"userData": told}


def _disk(device: str, gib: int, key: pulumi.Input[str] | None) -> dict[str, Any]:
    volume: dict[str, Any] = {
        "volumeSize": f"{gib}Gi",
        "volumeType": "gp3",
        "encrypted": True,
        "deleteOnTermination": True,
        **({} if key is None else {"kmsKeyID": key}),
    }
    return {"deviceName": device, "ebs": volume}


def _interfaces(machine: InstanceShape) -> list[dict[str, Any]]:
    """One EFA on each card, beside the interface for the node's own traffic; cards without EFA come first."""
    without = (machine.network_cards or 1) - machine.efa_interfaces
    own = {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "interface"}
    return [
        own,
        *(
            {"networkCardIndex": card, "deviceIndex": 1, "interfaceType": "efa-only"}
            for card in range(without, machine.network_cards or 1)
        ),
    ]


def _reservations(pool: ResolvedGpuPool | ResolvedCpuPool) -> dict[str, Any]:
    if not isinstance(pool, ResolvedGpuPool) or pool.reservation_id is None:
        return {}
    return {"capacityReservationSelectorTerms": [{"id": pool.reservation_id}]}
