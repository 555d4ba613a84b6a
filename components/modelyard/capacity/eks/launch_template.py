"""The launch template of a managed node group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pulumi_aws as aws

from ...governance.ownership import Ownership
from ...resolve.image_start import volume_iops
from .machine_image import data_device, other_devices

if TYPE_CHECKING:
    from pulumi_aws.ec2 import (
        LaunchTemplateBlockDeviceMappingArgsDict,
        LaunchTemplateBlockDeviceMappingEbsArgsDict,
        LaunchTemplateCapacityReservationSpecificationArgsDict,
        LaunchTemplateNetworkInterfaceArgsDict,
    )

TAGGED = ("instance", "volume", "network-interface")
"""What carries the ownership tags. Not spot-instances-request: purchasing belongs to the node group, and EKS
refuses launch templates that speak of Spot."""

_HOP_LIMIT = 1
"""Answers of the metadata service end at the node, so that no pod can take the node's role. What needs the
service (VPC CNI, node monitoring agent) uses the node's network; EBS CSI falls back to the Kubernetes API."""


@dataclass(frozen=True, slots=True)
class TemplateExtras:
    """What only some launch templates have."""

    instance_type: str | None = None
    market_type: str | None = None
    reservation: Mapping[str, Any] | None = None
    placement_group: pulumi.Input[str] | None = None
    """Name of a placement group."""
    network_interfaces: Sequence[LaunchTemplateNetworkInterfaceArgsDict] | None = None
    user_data: str | None = None
    """Base64."""
    disk_kms_key_arn: pulumi.Input[str] | None = None
    """None: the account's aws/ebs key."""
    snapshot_id: str | None = None
    """What the volume of images is made of."""
    volume_mib_per_second: int | None = None
    """Throughput of that volume."""


def launch_template(
    name: str,
    *,
    ami_type: str,
    disk_gib: int,
    region: str,
    ownership: Ownership,
    opts: pulumi.ResourceOptions,
    extras: TemplateExtras = TemplateExtras(),
) -> aws.ec2.LaunchTemplate:
    """Metadata by session token only, encrypted gp3 disks, tags down to volumes and interfaces.

    Image, instance types, security group and role are left to the node group, which refuses some of them here
    (EKS user guide, "Customize managed nodes with launch templates").
    """
    tags = ownership.aws_tags(name)
    reservation = cast("LaunchTemplateCapacityReservationSpecificationArgsDict | None", extras.reservation)
    return aws.ec2.LaunchTemplate(
        name,
        update_default_version=True,
        instance_type=extras.instance_type,
        instance_market_options={"market_type": extras.market_type} if extras.market_type else None,
        capacity_reservation_specification=reservation,
        placement={"group_name": extras.placement_group} if extras.placement_group is not None else None,
        network_interfaces=extras.network_interfaces,
        user_data=extras.user_data,
        block_device_mappings=[
            *(
                _disk(device, None, replace(extras, snapshot_id=None, volume_mib_per_second=None))
                for device in other_devices(ami_type)
            ),
            _disk(data_device(ami_type), disk_gib, extras),
        ],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": _HOP_LIMIT,
            "instance_metadata_tags": "disabled",
        },
        monitoring={"enabled": True},
        tag_specifications=[{"resource_type": kind, "tags": tags} for kind in TAGGED],
        region=region,
        tags=ownership.aws_tags(),
        opts=opts,
    )


def _disk(
    device: str, gib: int | None, extras: TemplateExtras = TemplateExtras()
) -> LaunchTemplateBlockDeviceMappingArgsDict:
    """Encrypted with the account's aws/ebs key unless one is named: that has to let EC2 Auto Scaling's service role
    use it before the first node, or nodes end while they launch."""
    ebs: LaunchTemplateBlockDeviceMappingEbsArgsDict = {
        "encrypted": "true",
        "volume_type": "gp3",
        "delete_on_termination": "true",
    }
    if gib is not None:
        ebs["volume_size"] = gib
    if extras.disk_kms_key_arn is not None:
        ebs["kms_key_id"] = extras.disk_kms_key_arn
    if extras.snapshot_id is not None:
        ebs["snapshot_id"] = extras.snapshot_id
    if extras.volume_mib_per_second is not None:
        ebs["throughput"] = extras.volume_mib_per_second
        if (iops := volume_iops(extras.volume_mib_per_second)) is not None:
            ebs["iops"] = iops
    return {"device_name": device, "ebs": ebs}
