"""Jobs of SageMaker Model Monitor: instances of a processing job, for as long as each run may take."""

from __future__ import annotations

import re
from decimal import Decimal

from modelyard.cost.bill import Bill
from modelyard.graph import Resource
from modelyard.placement.reading import at, mapping, text, whole

PROCESSING = "SageMaker processing"
DEFINITIONS = ("aws-native:sagemaker:DataQualityJobDefinition", "aws-native:sagemaker:ModelQualityJobDefinition")
_SCHEDULE = "aws-native:sagemaker:MonitoringSchedule"
_CRON = re.compile(r"cron\(0 (?:(\*)|(\d+)(?:/(\d+))?) \? \* \* \*\)")


def charge_monitoring_job(bill: Bill, resource: Resource) -> None:
    """The most that the runs of a job definition cost: nobody knows how long one takes."""
    cluster = mapping(at(resource.inputs, "jobResources", "clusterConfig"))
    instance_type, count = text(cluster.get("instanceType")), whole(cluster.get("instanceCount"))
    seconds = whole(at(resource.inputs, "stoppingCondition", "maxRuntimeInSeconds"))
    runs = _runs_a_day(bill, resource)
    if instance_type is None or count is None or seconds is None or runs is None:
        bill.unpriced(resource, "runs of its job", "its instances or its schedule are not known before the deployment")
        return
    hours = bill.hours / 24 * runs * count * Decimal(seconds) / 3600
    words = f"each run of {resource.name} lasts {seconds} s, the longest that it may"
    bill.item(resource, f"runs of its job ({instance_type})", PROCESSING, instance_type, "hour", hours, assumed=words)


def _runs_a_day(bill: Bill, resource: Resource) -> int | None:
    """By the schedule of the same component and name."""
    for each in bill.graph.of_type(_SCHEDULE):
        if (each.parent, each.name, each.stack) == (resource.parent, resource.name, resource.stack):
            said = text(at(each.inputs, "monitoringScheduleConfig", "scheduleConfig", "scheduleExpression"))
            return None if said is None else runs_a_day(said)
    return None


def runs_a_day(expression: str) -> int | None:
    """Runs that a schedule of Model Monitor makes in a day; None: it is no expression that we write.

    Args:
        expression: ``cron(0 * ? * * *)``, ``cron(0 17 ? * * *)`` or ``cron(0 2/6 ? * * *)``.
    """
    found = _CRON.fullmatch(expression)
    if found is None:
        return None
    hourly, first, every = found.groups()
    if hourly:
        return 24
    return 1 if every is None else len(range(int(first), 24, int(every)))
