"""Arguments of :class:`~modelyard.monitoring.monitoring.Monitoring` and ``ClusterMonitoring``."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from modelyard.governance.ownership import OwnershipArgs


class ModelThresholdsArgs(TypedDict):
    """What is too much for one model."""

    model: str
    """Name of the model."""
    max_replicas: int
    """The autoscaler's maximum."""
    error_rate: NotRequired[float]
    """Share of failed requests over five minutes. Default: 0.01."""
    queue_ms: NotRequired[float]
    """Average queue time. Default: half of p99_ms, or 50."""
    p99_ms: NotRequired[float]
    """99th percentile that callers are promised. Default: none, and no alert on latency."""
    for_minutes: NotRequired[int]
    """How long a threshold is passed before somebody is told. Default: 5."""
    sleeps: NotRequired[bool]
    """Whether it may have no replica at all, which is then no alert. Default: false."""


class MonitoringArgs(TypedDict):
    """Metrics and alerts of one department's models on one cluster."""

    ownership: OwnershipArgs
    """Who pays; the department is also the namespace."""
    models: Sequence[ModelThresholdsArgs]
    """Models that Triton serves on this cluster; alerts of other runtimes are not known yet."""
    runtimes: NotRequired[Sequence[str]]
    """Whose servers are scraped: triton, tensorflow_serving, torchserve. Default: triton."""
    scrape_interval_seconds: NotRequired[int]
    """Default: 15."""


class ClusterMonitoringArgs(TypedDict):
    """Alerts of one cluster's GPUs."""

    ownership: OwnershipArgs
    """Who pays; department ``platform`` for what all share."""
