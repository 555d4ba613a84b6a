"""Limits of a node pool that change by the clock."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ...environment.gpu_pool import PoolSchedule


def pool_schedules(
    name: str,
    *,
    group_name: pulumi.Input[str],
    schedules: Sequence[PoolSchedule],
    region: str,
    parent: pulumi.Resource,
) -> None:
    """Scheduled actions on the Auto Scaling group of the node group, which has no schedules of its own in EKS.

    The limits are theirs from then on (docs/field-owners.md).
    """
    for schedule in schedules:
        aws.autoscaling.Schedule(
            f"{name}-{schedule.name}",
            autoscaling_group_name=group_name,
            scheduled_action_name=schedule.name,
            recurrence=schedule.recurrence,
            time_zone=schedule.timezone,
            min_size=schedule.min_nodes,
            desired_capacity=schedule.desired_nodes,
            max_size=schedule.max_nodes,
            region=region,
            opts=pulumi.ResourceOptions(parent=parent),
        )
