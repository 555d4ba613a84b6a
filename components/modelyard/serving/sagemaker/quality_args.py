"""Arguments of ``quality`` of :class:`~modelyard.serving.sagemaker.endpoint.SageMakerEndpoint`.

The annotations stay real objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class DataQualityArgs(TypedDict):
    """Compares what came with a baseline: missing values, types, drift of each feature."""

    constraints_url: str
    """constraints.json of the baseline, whose emit_metrics says whether there are metrics at all."""
    statistics_url: str
    """statistics.json of the baseline."""
    drift_alarms: NotRequired[Mapping[str, float]]
    """By feature, distance from the baseline, at most 1, above which somebody is told. Default: no alarm."""


class ModelQualityArgs(TypedDict):
    """Compares answers with what turned out to be right, which somebody puts into S3."""

    problem: str
    """binary_classification, multiclass_classification or regression."""
    ground_truth_url: str
    """Folder of what was right, in yyyy/mm/dd/hh below it, each line with the request's event id."""
    constraints_url: str
    """constraints.json of the baseline."""
    inference_attribute: NotRequired[str]
    """Index or JSONPath of the answer in a captured line. Default: the container's own."""
    probability_attribute: NotRequired[str]
    """Index or JSONPath of the probability; for classification. Default: none."""
    probability_threshold: NotRequired[float]
    """Probability from which the answer is yes; for binary classification. Default: the container's own."""
    start_hours_ago: NotRequired[int]
    """Answers since then are looked at; what was right may come late. Default: since the last run. 1 to 720."""
    end_hours_ago: NotRequired[int]
    """Answers until then. Default: 0."""
    alarms: NotRequired[Mapping[str, float]]
    """By metric, such as f1 or rmse, the value beyond which somebody is told: below it where more is better, above it
    where less is. Default: no alarm."""


class QualityArgs(TypedDict):
    """When the jobs of Model Monitor run, on what, and what they look at. Needs capture."""

    data: NotRequired[DataQualityArgs]
    """Default: no such job."""
    model: NotRequired[ModelQualityArgs]
    """Default: no such job."""
    every_hours: NotRequired[int]
    """1: at every full hour. Otherwise from start_hour_utc on. Default: 24."""
    start_hour_utc: NotRequired[int]
    """First run of a day. Default: 0."""
    instance_type: NotRequired[str]
    """Of a processing job. Default: ml.m5.xlarge."""
    instances: NotRequired[int]
    """1 to 100. Default: 1."""
    volume_gib: NotRequired[int]
    """Default: 20."""
    max_runtime_seconds: NotRequired[int]
    """A run that lasts longer is stopped. 60 to 86400, no longer than every_hours. Default: 3600."""
    network_isolation: NotRequired[bool]
    """Whether the container can call nothing at all. Default: false."""
    reports_url: NotRequired[str]
    """Where reports are put. Default: below the model's data in the model store."""
