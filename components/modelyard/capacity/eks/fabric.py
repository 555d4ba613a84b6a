"""Elastic Fabric Adapter: network interfaces of nodes that reach each other's GPUs without the kernel between.

Follows "Elastic Fabric Adapter for AI/ML and HPC workloads" of the Amazon EC2 user guide and "Manage EFA devices on
Amazon EKS": one EFA on each network card. The first interface carries the node's own traffic too; the others are
EFA alone and take no address of the subnet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from ...catalog.instance_shapes import InstanceShape
from ...governance.ownership import Ownership

if TYPE_CHECKING:
    from pulumi_aws.ec2 import LaunchTemplateNetworkInterfaceArgsDict


def efa_interfaces(
    shape: InstanceShape, security_group_ids: Sequence[pulumi.Input[str]]
) -> list[LaunchTemplateNetworkInterfaceArgsDict]:
    """Network interfaces of the launch template, one on each card of the machine.

    They name the security groups: EKS adds none to a template that describes interfaces. Where a machine has fewer EFA
    than cards, its first card has none (p6-b300).
    """
    cards = shape.network_cards or 1
    first = "interface" if shape.efa_interfaces < cards else "efa"
    return [
        {
            "network_card_index": card,
            "device_index": 0 if card == 0 else 1,
            "interface_type": first if card == 0 else "efa-only",
            "delete_on_termination": "true",
            "security_groups": list(security_group_ids),
        }
        for card in range(cards)
    ]


def efa_security_group(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    region: str,
    ownership: Ownership,
    parent: pulumi.Resource,
) -> aws.ec2.SecurityGroup:
    """All traffic within the group, both ways: EFA refuses traffic that no rule of the group itself allows."""
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        f"{name}-efa",
        description="EFA between the nodes of one pool",
        vpc_id=vpc_id,
        region=region,
        tags=ownership.aws_tags(f"{name}-efa"),
        opts=child,
    )
    for rule in (aws.vpc.SecurityGroupIngressRule, aws.vpc.SecurityGroupEgressRule):
        rule(
            f"{name}-efa",
            security_group_id=group.id,
            description="EFA between the nodes of one pool",
            ip_protocol="-1",
            referenced_security_group_id=group.id,
            region=region,
            tags=ownership.aws_tags(),
            opts=child,
        )
    return group
