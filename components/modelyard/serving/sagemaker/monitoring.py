"""Resources of an endpoint's quality jobs: their role, job definitions, schedules and alarms."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ...catalog import sagemaker_monitor
from ...governance.logical_name import ROLE_LIMIT, SAGEMAKER_LIMIT, logical_name
from .endpoint_configuration import captured_url
from .endpoint_declaration import SageMakerEndpointDeclaration
from .execution_policy import Reach
from .execution_role import declare_role
from .quality import NAMESPACES, Monitor, monitors, reads, reports_url, schedule

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


def declare_quality(
    name: str,
    declared: SageMakerEndpointDeclaration,
    endpoint_name: pulumi.Output[str],
    security_group_ids: list[Any],
    native: Any,
    provider: pulumi.ProviderResource | None,
    parent: pulumi.Resource,
) -> None:
    """Everything that ``quality`` asks; a definition never changes: another takes its place before it goes."""
    if declared.quality is None:
        return
    here = pulumi.ResourceOptions(parent=parent)
    there = pulumi.ResourceOptions(parent=parent, provider=provider)
    tags = declared.owner.aws_tags()
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    role_arn = _role(name, declared, security_group_ids, parent)
    for monitor in monitors(declared, endpoint_name, role_arn, security_group_ids):
        definition = getattr(native.sagemaker, monitor.resource)(
            logical_name(name, monitor.name, limit=SAGEMAKER_LIMIT), **monitor.definition, tags=listed, opts=there
        )
        scheduled = native.sagemaker.MonitoringSchedule(
            logical_name(name, monitor.name, limit=SAGEMAKER_LIMIT),
            monitoring_schedule_config=schedule(declared.quality, monitor, definition.job_definition_name),
            tags=listed,
            opts=there,
        )
        _alarms(name, declared, monitor, scheduled.monitoring_schedule_name, here)


def _role(
    name: str, declared: SageMakerEndpointDeclaration, security_group_ids: list[Any], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Of the jobs alone: they read what was captured and the baselines, and write reports."""
    assert declared.quality is not None
    images = [
        sagemaker_monitor.image(declared.region, repository)
        for repository in (sagemaker_monitor.ANALYZER, sagemaker_monitor.MERGER)
    ]
    reach = pulumi.Output.all(
        artefacts=[pulumi.Output.concat(captured_url(declared), "/"), *reads(declared.quality)],
        writes=[reports_url(declared)],
        artefact_kms_key_arn=declared.artefact_kms_key_arn,
        kms_key_arn=declared.kms_key_arn,
        subnet_ids=declared.subnet_ids,
        security_group_ids=security_group_ids,
    ).apply(lambda found: _reach(declared.region, tuple(images), found))
    role = logical_name(name, "quality", limit=ROLE_LIMIT)
    return declare_role(f"{name}-quality", role, declared.owner.aws_tags(), reach, parent)


def _reach(region: str, images: tuple[str, ...], found: dict[str, Any]) -> Reach:
    listed: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Reach(
        region=region,
        log_group=_LOG_GROUP,
        makes_log_group=True,
        images=images,
        metric_namespaces=NAMESPACES,
        **listed,
    )


def _alarms(
    name: str,
    declared: SageMakerEndpointDeclaration,
    monitor: Monitor,
    schedule_name: Any,
    here: pulumi.ResourceOptions,
) -> None:
    told = [] if declared.alarm_topic_arn is None else [declared.alarm_topic_arn]
    for alarm in monitor.alarms:
        aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.signal}",
            **alarm.given,
            dimensions={"Endpoint": declared.physical_name, "MonitoringSchedule": schedule_name},
            alarm_actions=told,
            ok_actions=told,
            region=declared.region,
            tags=declared.owner.aws_tags(),
            opts=here,
        )
