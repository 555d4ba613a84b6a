"""Instances of a managed deployment by load and by the hour: profiles of an autoscale setting of Azure Monitor.

Follows "Autoscale online endpoints" of Azure Machine Learning, and "Use predictive and recurring profiles" of Azure
Monitor: a recurring profile holds until another one begins, so each window ends with a profile that is called
``{"name": "default", "for": "<window>"}`` and is the default one again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from ...catalog.spelling import nearest
from ...catalog.table import rows
from ...environment.azureml import MOST_INSTANCES, MOST_WINDOWS
from ...environment.scaling import Scaling
from ...environment.schedule_window import DAY_MINUTES, ScheduleWindow, parse_days, parse_time
from .deployment import UTILIZATION_PERCENT

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RELEASED_AT = 0.4
"""Share of a target below which an instance goes: far enough from it that the rest do not pass it at once."""
_SOME_MINUTES = 5


def is_scaled(scaling: Scaling) -> bool:
    """Whether the number of instances ever changes."""
    return scaling.max_replicas > scaling.min_replicas or bool(scaling.schedules)


def scaling_problems(scaling: Scaling, *, arc: bool) -> list[str]:
    """What Azure ML cannot do of the scaling; a sentence each."""
    found = []
    if scaling.min_replicas == 0:
        found.append(
            "scaling.min_replicas 0 is not to be had from Azure ML, which keeps an instance of every deployment; write "
            "1, on the smallest instance_type that fits, or take target: kubernetes"
        )
    if scaling.max_replicas > MOST_INSTANCES and not arc:
        found.append(
            f"scaling.max_replicas {scaling.max_replicas} is more than the {MOST_INSTANCES} instances that a "
            "deployment has; lower it"
        )
    for target in ("target_requests_per_second", "target_gpu_utilization_percent"):
        if arc and getattr(scaling, target) is not None:
            found.append(
                f"scaling.{target} is for managed endpoints; one on an Arc cluster scales by the share of "
                "request.max_concurrent_requests in flight: delete it"
            )
    if arc and scaling.schedules:
        found.append("scaling.schedules are for managed endpoints; one on an Arc cluster keeps no hours: delete them")
    if len(scaling.schedules) > MOST_WINDOWS:
        found.append(
            f"scaling.schedules has {len(scaling.schedules)} windows, and Azure Monitor has room for {MOST_WINDOWS}; "
            "join some"
        )
    for position, window in enumerate(scaling.schedules):
        if window.timezone not in _time_zones():
            closest = nearest(window.timezone, _time_zones())
            hint = f"; did you mean {closest!r}?" if closest else ""
            found.append(
                f"scaling.schedules[{position}].timezone {window.timezone!r} has no name of Windows, which Azure "
                f"Monitor asks for{hint}"
            )
    return found


def profiles(scaling: Scaling, deployment_id: Any, *, gpu: bool) -> list[dict[str, Any]]:
    """Profiles of an AutoscaleSetting: the hours of every day, then each window and its end.

    Args:
        scaling: with at least one instance.
        deployment_id: resource id, whose metrics are followed; may be a Pulumi output.
        gpu: whether the instances have one, which is followed when no target is named.
    """
    rules = list(_rules(scaling, deployment_id, gpu=gpu)) if scaling.max_replicas > scaling.min_replicas else []
    made = [_profile("default", scaling.min_replicas, scaling.max_replicas, rules)]
    for position, window in enumerate(scaling.schedules):
        name = f"window-{position + 1}"
        begins = _recurrence(window.timezone, parse_days(window.days), parse_time(window.start))
        made.append({**_profile(name, window.min_replicas, scaling.max_replicas, rules), "recurrence": begins})
        end = parse_time(window.start) + window.minutes
        days = _days_without_another(scaling, window, end)
        if days:
            ends = _recurrence(window.timezone, days, end % DAY_MINUTES)
            after = json.dumps({"name": "default", "for": name})
            made.append({**_profile(after, scaling.min_replicas, scaling.max_replicas, rules), "recurrence": ends})
    return made


def _profile(name: str, least: int, most: int, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """``default`` is what there is when no metric can be read."""
    capacity = {"minimum": str(least), "maximum": str(most), "default": str(least)}
    return {"name": name, "capacity": capacity, "rules": rules}


def _rules(scaling: Scaling, deployment_id: Any, *, gpu: bool) -> Iterator[dict[str, Any]]:
    """An instance more above any target, and one less below a part of each."""
    followed = list(_followed(scaling, gpu=gpu))
    for metric, threshold, per_instance in followed:
        yield _rule(metric, deployment_id, "GreaterThan", threshold, per_instance, "Increase", _SOME_MINUTES)
    for metric, threshold, per_instance in followed:
        released = threshold * _RELEASED_AT
        minutes = scaling.scale_down_minutes
        yield _rule(metric, deployment_id, "LessThan", released, per_instance, "Decrease", minutes)


def _followed(scaling: Scaling, *, gpu: bool) -> Iterator[tuple[str, float, bool]]:
    """Metric of the deployment, threshold, and whether it is one instance's share. Time in the queue and requests in
    flight are no metrics of Azure's; the processors stand for them."""
    if scaling.target_gpu_utilization_percent is not None:
        yield "GpuUtilizationPercentage", scaling.target_gpu_utilization_percent, False
    if scaling.target_requests_per_second is not None:
        yield "RequestsPerMinute", scaling.target_requests_per_second * 60, True
    if scaling.target_gpu_utilization_percent is None and scaling.target_requests_per_second is None:
        yield "GpuUtilizationPercentage" if gpu else "CpuUtilizationPercentage", float(UTILIZATION_PERCENT), False


def _rule(
    metric: str, deployment_id: Any, operator: str, threshold: float, per_instance: bool, direction: str, minutes: int
) -> dict[str, Any]:
    return {
        "metricTrigger": {
            "metricName": metric,
            "metricResourceUri": deployment_id,
            "timeGrain": "PT1M",
            "timeWindow": f"PT{max(minutes, _SOME_MINUTES)}M",
            "statistic": "Average",
            "timeAggregation": "Average",
            "operator": operator,
            "threshold": threshold,
            "dividePerInstance": per_instance,
        },
        "scaleAction": {"direction": direction, "type": "ChangeCount", "value": "1", "cooldown": f"PT{minutes}M"},
    }


def _recurrence(timezone: str, days: tuple[int, ...], minute: int) -> dict[str, Any]:
    schedule = {
        "timeZone": _time_zones()[timezone],
        "days": [_DAYS[day] for day in days],
        "hours": [minute // 60],
        "minutes": [minute % 60],
    }
    return {"frequency": "Week", "schedule": schedule}


def _days_without_another(scaling: Scaling, window: ScheduleWindow, end: int) -> tuple[int, ...]:
    """Days on which the window ends and no other begins at the same minute, which would be two profiles at once."""
    others = {
        (day, parse_time(other.start))
        for other in scaling.schedules
        if other.timezone == window.timezone
        for day in parse_days(other.days)
    }
    ends = sorted({(day + end // DAY_MINUTES) % 7 for day in parse_days(window.days)})
    return tuple(day for day in ends if (day, end % DAY_MINUTES) not in others)


@cache
def _time_zones() -> dict[str, str]:
    """Windows' name of each IANA zone."""
    return {row["iana"]: row["windows"] for row in rows("azureml_time_zones.csv")}
