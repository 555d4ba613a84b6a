"""Application Auto Scaling of one number: target, policies, hours, and what wakes it at zero."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from .autoscaling import NAMESPACE, ScaledTarget, waking_policy
from .endpoint_declaration import SageMakerEndpointDeclaration


def declare_scaling(
    name: str,
    declared: SageMakerEndpointDeclaration,
    scaled: ScaledTarget,
    resource_id: pulumi.Input[str],
    dimensions: dict[str, str],
    parent: pulumi.Resource,
) -> None:
    """Registers what is scaled.

    Args:
        name: logical, unique in the program.
        declared: the arguments.
        scaled: what is decided.
        resource_id: ``endpoint/<name>/variant/<variant>`` or ``inference-component/<name>``; known after it is there.
        dimensions: of the metric that wakes it.
        parent: the component.
    """
    common: dict[str, Any] = {
        "service_namespace": NAMESPACE,
        "scalable_dimension": scaled.dimension,
        "region": declared.region,
    }
    # With hours the floor is the schedule's once it ran: docs/field-owners.md.
    kept = ["minCapacity"] if scaled.schedules else None
    target = aws.appautoscaling.Target(
        name,
        **common,
        resource_id=resource_id,
        min_capacity=scaled.min_capacity,
        max_capacity=scaled.max_capacity,
        tags=declared.owner.aws_tags(),
        opts=pulumi.ResourceOptions(parent=parent, ignore_changes=kept),
    )
    child = pulumi.ResourceOptions(parent=parent)
    for policy, tracked in scaled.policies:
        aws.appautoscaling.Policy(
            f"{name}-{policy}",
            **common,
            resource_id=target.resource_id,
            policy_type="TargetTrackingScaling",
            target_tracking_scaling_policy_configuration=tracked,
            opts=child,
        )
    for floor in scaled.schedules:
        aws.appautoscaling.ScheduledAction(
            f"{name}-{floor.name}",
            **common,
            resource_id=target.resource_id,
            schedule=floor.cron,
            timezone=floor.timezone,
            scalable_target_action={"min_capacity": floor.min_capacity, "max_capacity": scaled.max_capacity},
            opts=child,
        )
    if scaled.wakes_by is not None:
        _wakes(name, declared, scaled.wakes_by, common, target, dimensions, child)


def _wakes(
    name: str,
    declared: SageMakerEndpointDeclaration,
    metric: str,
    common: dict[str, Any],
    target: aws.appautoscaling.Target,
    dimensions: dict[str, str],
    child: pulumi.ResourceOptions,
) -> None:
    policy = aws.appautoscaling.Policy(
        f"{name}-wake",
        **common,
        resource_id=target.resource_id,
        policy_type="StepScaling",
        step_scaling_policy_configuration=waking_policy(),
        opts=child,
    )
    aws.cloudwatch.MetricAlarm(
        f"{name}-wake",
        alarm_description=f"Somebody asks model {declared.model} while nothing runs",
        namespace="AWS/SageMaker",
        metric_name=metric,
        dimensions=dimensions,
        statistic="Maximum",
        period=30 if metric == "NoCapacityInvocationFailures" else 60,
        evaluation_periods=1,
        threshold=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        treat_missing_data="missing",
        alarm_actions=[policy.arn],
        region=declared.region,
        tags=declared.owner.aws_tags(),
        opts=child,
    )
