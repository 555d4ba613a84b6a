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
    runtime: NotRequired[str]
    """What serves it: triton, tensorflow_serving, torchserve, kserve, seldon. Default: triton."""
    server: NotRequired[str]
    """Server in the pods that KServe (triton, tensorflow_serving, torchserve, mlserver, sklearnserver, xgbserver) or
    Seldon (mlserver, triton) makes. Needed with these two."""
    knative: NotRequired[bool]
    """Whether KServe serves it in mode knative. Default: false."""
    transformer: NotRequired[bool]
    """Whether KServe sends requests through a transformer first. Default: false."""
    autoscaler: NotRequired[str]
    """Who scales KServe's pods: external, hpa, keda, none. Default: external."""
    shared_server: NotRequired[str]
    """Server of Seldon's that other models use too. Default: one of the model's own."""
    stable: NotRequired[int]
    """Version that serves, where the model has a rollout."""
    canary: NotRequired[int]
    """Version that is tried beside it: each side is then watched by itself. Default: none."""
    rollout_by: NotRequired[str]
    """Who moves the traffic of a rollout: gateway, argo_rollouts, flagger. Default: gateway."""


class MonitoringArgs(TypedDict):
    """Metrics and alerts of one department's models on one cluster."""

    ownership: OwnershipArgs
    """Who pays; the department is also the namespace."""
    models: Sequence[ModelThresholdsArgs]
    """Models on this cluster."""
    runtimes: NotRequired[Sequence[str]]
    """Whose servers are scraped: triton, tensorflow_serving, torchserve; what KServe and Seldon make is known by models
    alone. Default: those of the models."""
    scrape_interval_seconds: NotRequired[int]
    """Default: 15."""


class ClusterMonitoringArgs(TypedDict):
    """Alerts of one cluster's GPUs."""

    ownership: OwnershipArgs
    """Who pays; department ``platform`` for what all share."""
    neuron: NotRequired[bool]
    """Whether AWS Neuron's monitor measures devices there. Default: false."""
