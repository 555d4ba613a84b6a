"""Where nodes stand close together."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ...governance.ownership import Ownership


def placement_group(name: str, *, region: str, ownership: Ownership, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Name of a cluster placement group (Amazon EC2 user guide, "Placement strategies"): one zone, one segment of the
    network."""
    group = aws.ec2.PlacementGroup(
        name,
        strategy="cluster",
        region=region,
        tags=ownership.aws_tags(name),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return group.name
