"""Application Auto Scaling: what is moved, by which metric, and at which hours.

Metrics are those of "PredefinedMetricSpecification" of the Application Auto Scaling API and of "Autoscale an
asynchronous endpoint" and "Scale an endpoint to zero instances" of the SageMaker developer guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...catalog import sagemaker_instances
from ...environment.scaling import Scaling
from ...environment.schedule_window import DAY_MINUTES, DAYS, WEEK_MINUTES, ScheduleWindow
from .endpoint_declaration import SageMakerEndpointDeclaration

NAMESPACE = "sagemaker"

_VARIANT = "sagemaker:variant:DesiredInstanceCount"
_PROVISIONED = "sagemaker:variant:DesiredProvisionedConcurrency"
_COPIES = "sagemaker:inference-component:DesiredCopyCount"
_BUSY_SHARE = 0.7
"""Of the provisioned concurrency, in use: what AWS recommends to track."""


@dataclass(frozen=True, slots=True)
class ScheduledFloor:
    """From this minute on the floor is another."""

    name: str
    """``mon-fri-0800``: unique within its target."""
    cron: str
    """As Application Auto Scaling reads it, in the time zone."""
    timezone: str
    min_capacity: int


@dataclass(frozen=True, slots=True)
class ScaledTarget:
    """One number that is moved."""

    dimension: str
    min_capacity: int
    max_capacity: int
    policies: tuple[tuple[str, Any], ...]
    """Name and ``targetTrackingScalingPolicyConfiguration`` of each, in Python's spelling."""
    schedules: tuple[ScheduledFloor, ...] = ()
    wakes_by: str | None = None
    """CloudWatch metric that says that somebody asks while there is nobody; None: it never is at zero."""


def variant_target(declared: SageMakerEndpointDeclaration, variant: str) -> ScaledTarget | None:
    """What moves one variant; None: it stays as it is declared.

    Args:
        declared: the arguments.
        variant: name of a production variant that answers somebody.
    """
    if declared.kind == "serverless":
        return _provisioned(declared)
    if declared.kind == "inference_components" or declared.managed_scaling is not None:
        return None
    scaling = declared.scaling
    if scaling.max_replicas <= scaling.min_replicas and not scaling.schedules:
        return None
    policies = _backlog(declared) if declared.kind == "async" else _instances(declared, variant)
    wakes = "HasBacklogWithoutCapacity" if declared.kind == "async" and scaling.min_replicas == 0 else None
    return ScaledTarget(
        _VARIANT, scaling.min_replicas, scaling.max_replicas, policies, scheduled_floors(scaling), wakes
    )


def component_target(declared: SageMakerEndpointDeclaration) -> ScaledTarget | None:
    """What moves the copies of an inference component; None: they stay."""
    scaling = declared.scaling
    if scaling.max_replicas <= scaling.min_replicas and not scaling.schedules:
        return None
    policies = tuple(
        _tracked(name, value, scaling, predefined_metric_specification={"predefined_metric_type": metric})
        for name, value, metric in (
            ("requests", _per_minute(scaling), "SageMakerInferenceComponentInvocationsPerCopy"),
            (
                "concurrency",
                scaling.target_concurrency,
                "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
            ),
        )
        if value is not None
    )
    wakes = "NoCapacityInvocationFailures" if scaling.min_replicas == 0 else None
    return ScaledTarget(_COPIES, scaling.min_replicas, scaling.max_replicas, policies, scheduled_floors(scaling), wakes)


def waking_policy() -> Any:
    """``stepScalingPolicyConfiguration``: one more as soon as somebody asks, in Python's spelling."""
    return {
        "adjustment_type": "ChangeInCapacity",
        "metric_aggregation_type": "Maximum",
        "cooldown": 60,
        "step_adjustments": [{"metric_interval_lower_bound": "0", "scaling_adjustment": 1}],
    }


def scheduled_floors(scaling: Scaling) -> tuple[ScheduledFloor, ...]:
    """The moments of the week at which the floor changes, windows that touch counted once."""
    found: list[ScheduledFloor] = []
    for timezone in dict.fromkeys(window.timezone for window in scaling.schedules):
        windows = [window for window in scaling.schedules if window.timezone == timezone]
        moments: dict[tuple[int, int], list[int]] = {}
        for minute in sorted({edge % WEEK_MINUTES for window in windows for span in window.weekly() for edge in span}):
            floor = _floor_at(minute, windows, scaling.min_replicas)
            moments.setdefault((minute % DAY_MINUTES, floor), []).append(minute // DAY_MINUTES)
        for (clock, floor), days in moments.items():
            found.append(_scheduled(clock, floor, days, timezone))
    return tuple(found)


def _floor_at(minute: int, windows: list[ScheduleWindow], otherwise: int) -> int:
    for window in windows:
        for first, last in window.weekly():
            if first <= minute < last or first <= minute + WEEK_MINUTES < last:
                return window.min_replicas
    return otherwise


def _scheduled(clock: int, floor: int, days: list[int], timezone: str) -> ScheduledFloor:
    named = "*" if len(days) == len(DAYS) else ",".join(DAYS[day].upper() for day in days)
    shown = "daily" if len(days) == len(DAYS) else "-".join(DAYS[day] for day in days)
    zone = "" if timezone == "Etc/UTC" else f"-{timezone.replace('/', '-').lower()}"
    return ScheduledFloor(
        f"{shown}-{clock // 60:02d}{clock % 60:02d}{zone}",
        f"cron({clock % 60} {clock // 60} ? * {named} *)",
        timezone,
        floor,
    )


def _instances(declared: SageMakerEndpointDeclaration, variant: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    scaling = declared.scaling
    found = [
        _tracked(name, value, scaling, predefined_metric_specification={"predefined_metric_type": metric})
        for name, value, metric in (
            ("requests", _per_minute(scaling), "SageMakerVariantInvocationsPerInstance"),
            ("concurrency", scaling.target_concurrency, "SageMakerVariantConcurrentRequestsPerModelHighResolution"),
        )
        if value is not None
    ]
    if scaling.target_gpu_utilization_percent is not None:
        # SageMaker adds the percent of an instance's GPUs up: 400 is four of them, busy.
        gpus = sagemaker_instances.get(declared.instance_type or "").accelerator_count or 1
        metric = {
            "namespace": "/aws/sagemaker/Endpoints",
            "metric_name": "GPUUtilization",
            "statistic": "Average",
            "dimensions": [
                {"name": "EndpointName", "value": declared.physical_name},
                {"name": "VariantName", "value": variant},
            ],
        }
        target = scaling.target_gpu_utilization_percent * gpus
        found.append(_tracked("gpu", target, scaling, customized_metric_specification=metric))
    return tuple(found)


def _backlog(declared: SageMakerEndpointDeclaration) -> tuple[tuple[str, dict[str, Any]], ...]:
    from ...environment.sagemaker import Asynchronous

    wanted = declared.asynchronous or Asynchronous()
    metric = {
        "namespace": "AWS/SageMaker",
        "metric_name": "ApproximateBacklogSizePerInstance",
        "statistic": "Average",
        "dimensions": [{"name": "EndpointName", "value": declared.physical_name}],
    }
    tracked = _tracked("backlog", wanted.backlog_per_instance, declared.scaling, customized_metric_specification=metric)
    return (tracked,)


def _provisioned(declared: SageMakerEndpointDeclaration) -> ScaledTarget | None:
    wanted = declared.serverless
    if wanted is None or wanted.provisioned_concurrency is None:
        return None
    scaling = declared.scaling
    floor = wanted.provisioned_concurrency
    highest = max([floor, wanted.max_provisioned_concurrency or 0, *(each.min_replicas for each in scaling.schedules)])
    if highest == floor:
        return None
    metric = {"predefined_metric_type": "SageMakerVariantProvisionedConcurrencyUtilization"}
    policies = (_tracked("provisioned", _BUSY_SHARE, scaling, predefined_metric_specification=metric),)
    raised = scaling.model_copy(update={"min_replicas": floor})
    return ScaledTarget(_PROVISIONED, floor, highest, policies, scheduled_floors(raised))


def _per_minute(scaling: Scaling) -> float | None:
    """SageMaker counts invocations by the minute."""
    rate = scaling.target_requests_per_second
    return None if rate is None else rate * 60


def _tracked(name: str, value: float | None, scaling: Scaling, **metric: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    seconds = scaling.scale_down_minutes * 60
    return name, {**metric, "target_value": value, "scale_in_cooldown": seconds, "scale_out_cooldown": 60}
