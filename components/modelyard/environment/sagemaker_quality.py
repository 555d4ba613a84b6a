"""Jobs of SageMaker Model Monitor that look at what an endpoint has captured: whether its input drifts, and whether its
answers were right.

Field names follow ``CreateDataQualityJobDefinition``, ``CreateModelQualityJobDefinition`` and
``CreateMonitoringSchedule`` of the SageMaker API reference; times have their unit in the name.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ..catalog import sagemaker_instances, sagemaker_monitor
from ..catalog.table import UnknownName
from .declaration import Declaration
from .known_name import refusal, unknown
from .patterns import ONE_LINE_PATTERN
from .s3_url import S3Url

Problem = Literal["binary_classification", "multiclass_classification", "regression"]

_FEATURE = re.compile(r"[A-Za-z0-9_.-]{1,200}")
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")


def _instance_type(name: str) -> str:
    if not _TYPE.fullmatch(name):
        raise refusal(f"{name!r} is no instance type of SageMaker; write one such as ml.m5.xlarge")
    if name in sagemaker_instances.names() and sagemaker_instances.get(name).architecture == "arm64":
        raise refusal(f"{name!r} has an Arm processor, and Model Monitor's image is for x86-64; write ml.m5.xlarge")
    return name


def _feature(name: str) -> str:
    if not _FEATURE.fullmatch(name):
        raise refusal(f"{name!r} is no name of a feature; allowed are 200 letters, digits, underscores, dots, hyphens")
    return name


Feature = Annotated[str, AfterValidator(_feature)]
Attribute = Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=256)]


class DataQuality(Declaration):
    """Compares what came with a baseline: missing values, types, drift of each feature."""

    constraints_url: S3Url
    """constraints.json of the baseline, whose emit_metrics says whether there are metrics at all."""
    statistics_url: S3Url
    """statistics.json of the baseline."""
    drift_alarms: dict[Feature, Annotated[float, Field(gt=0, le=1)]] = {}
    """By feature, distance from the baseline, at most 1, above which somebody is told. Default: no alarm."""


class ModelQuality(Declaration):
    """Compares answers with what turned out to be right, which somebody puts into S3."""

    problem: Problem
    ground_truth_url: S3Url
    """Folder of what was right, in yyyy/mm/dd/hh below it, each line with the request's event id."""
    constraints_url: S3Url
    """constraints.json of the baseline."""
    inference_attribute: Attribute | None = None
    """Index or JSONPath of the answer in a captured line. Default: the container's own."""
    probability_attribute: Attribute | None = None
    """Index or JSONPath of the probability; for classification."""
    probability_threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Probability from which the answer is yes; for binary classification."""
    start_hours_ago: Annotated[int, Field(ge=1, le=720)] | None = None
    """Answers since then are looked at; what was right may come late. Default: since the last run."""
    end_hours_ago: Annotated[int, Field(ge=0, le=719)] = 0
    """Answers until then."""
    alarms: dict[str, float] = {}
    """By metric, such as f1 or rmse, the value beyond which somebody is told: below it where more is better, above it
    where less is. Default: no alarm."""

    @model_validator(mode="after")
    def _fits(self) -> ModelQuality:
        found = []
        if self.start_hours_ago is None and self.end_hours_ago:
            found.append("end_hours_ago is given without start_hours_ago; add it")
        if self.start_hours_ago is not None and self.start_hours_ago <= self.end_hours_ago:
            found.append(
                f"start_hours_ago {self.start_hours_ago} must be more than end_hours_ago {self.end_hours_ago}; raise it"
            )
        if self.problem == "regression" and self.probability_attribute is not None:
            found.append("probability_attribute is for classification, and problem is regression; delete it")
        if self.problem != "binary_classification" and self.probability_threshold is not None:
            found.append(f"probability_threshold is for binary_classification, not for {self.problem}; delete it")
        if self.problem == "binary_classification" and self.probability_attribute is None:
            if self.probability_threshold is not None:
                found.append("probability_threshold is given without probability_attribute; add it")
            elif self.inference_attribute is None:
                found.append("binary_classification needs inference_attribute or probability_attribute; add one")
        known = sagemaker_monitor.metrics(self.problem)
        found += [
            f"alarms: {unknown(f'a metric of {self.problem}', name, known)}"
            for name in self.alarms
            if name not in known
        ]
        if found:
            raise ValueError("; and ".join(found))
        return self


class Quality(Declaration):
    """When the jobs run, on what, and what they look at. Needs capture and modelyard[aws-native]."""

    data: DataQuality | None = None
    model: ModelQuality | None = None
    every_hours: Annotated[int, Field(ge=1, le=24)] = 24
    """1: at every full hour. Otherwise from start_hour_utc on."""
    start_hour_utc: Annotated[int, Field(ge=0, le=23)] = 0
    """First run of a day."""
    instance_type: Annotated[str, AfterValidator(_instance_type)] = "ml.m5.xlarge"
    """Of a processing job."""
    instances: Annotated[int, Field(ge=1, le=100)] = 1
    volume_gib: Annotated[int, Field(ge=1, le=16_384)] = 20
    max_runtime_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    """A run that lasts longer is stopped."""
    network_isolation: bool = False
    """Whether the container can call nothing at all."""
    reports_url: S3Url | None = None
    """Where reports are put. Default: below the model's data in the model store."""

    @model_validator(mode="after")
    def _fits(self) -> Quality:
        found = []
        if self.data is None and self.model is None:
            found.append("names neither data nor model; add what the jobs look at, or delete quality")
        if self.max_runtime_seconds > self.every_hours * 3600:
            found.append(
                f"max_runtime_seconds {self.max_runtime_seconds} is longer than every_hours {self.every_hours}; lower "
                "it, or let it run less often"
            )
        if self.every_hours == 1 and self.start_hour_utc:
            found.append("start_hour_utc means nothing where every_hours is 1; delete it")
        if found:
            raise ValueError("; and ".join(found))
        return self

    @property
    def schedule_expression(self) -> str:
        """As ``ScheduleConfig`` takes it, in UTC."""
        if self.every_hours == 1:
            return "cron(0 * ? * * *)"
        every = "" if self.every_hours == 24 else f"/{self.every_hours}"
        return f"cron(0 {self.start_hour_utc}{every} ? * * *)"


def quality_problems(quality: Quality, *, kind: str, captured: str | None, region: str) -> list[str]:
    """What the endpoint lacks that its quality jobs need; a sentence each.

    Args:
        quality: as declared.
        kind: of the endpoint.
        captured: what is captured of it, ``input``, ``output`` or ``input_and_output``; None: nothing.
        region: of AWS.
    """
    if kind != "real_time":
        return [f"quality looks at endpoints of kind real_time, and kind is {kind}; delete quality, or set real_time"]
    if captured is None:
        return ["quality looks at what is captured, and nothing is; add capture: {percent: 100}, or delete quality"]
    found = []
    if quality.data is not None and captured == "output":
        found.append("quality.data looks at requests, and capture.content is output; write input_and_output")
    if quality.model is not None and captured == "input":
        found.append("quality.model looks at answers, and capture.content is input; write input_and_output")
    try:
        sagemaker_monitor.image(region)
    except UnknownName as none:
        found.append(f"quality: {none}")
    return found
