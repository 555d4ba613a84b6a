"""Metrics and alerts as Pulumi components. Prometheus-operator's definitions must be installed
(:class:`~modelyard.capacity.software.cluster_software.ClusterSoftware`): objects wait for what ``opts.depends_on``
names, where the same stack makes it."""

from collections.abc import Mapping
from typing import Annotated, Any

import pulumi
from pydantic import Field

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.environment.declaration import Declaration
from modelyard.environment.model import ModelAlerts, Runtime
from modelyard.environment.names import ModelName
from modelyard.governance.arguments import read_arguments
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.gpu_alerts import gpu_rule
from modelyard.monitoring.model_alerts import ModelThresholds, model_rule
from modelyard.monitoring.monitoring_args import ClusterMonitoringArgs, MonitoringArgs
from modelyard.monitoring.service_monitor import service_monitor

_QUEUE_MS = 50.0
"""Threshold of the queue time where a model has neither one nor an objective."""


class Monitoring(pulumi.ComponentResource):
    """One ServiceMonitor for each runtime in the department's namespace, and a PrometheusRule for each model.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(_Monitoring, args, MonitoringArgs, f"Monitoring {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:Monitoring", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        interval = declared.scrape_interval_seconds
        for runtime in declared.runtimes:
            logical = name if runtime == "triton" else f"{name}-{runtime.replace('_', '-')}"
            declare(logical, service_monitor(ownership, runtime=runtime, scrape_interval_seconds=interval), here)
        for model in declared.models:
            declare(f"{name}-{model.model}", model_rule(model.thresholds(ownership)), here)
        self.register_outputs({})


class ClusterMonitoring(pulumi.ComponentResource):
    """A PrometheusRule for the GPUs of one cluster.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    def __init__(self, name: str, args: ClusterMonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        read_arguments(_ClusterMonitoring, args, ClusterMonitoringArgs, f"ClusterMonitoring {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ClusterMonitoring", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        declare(name, gpu_rule(ownership), here)
        self.register_outputs({})


def thresholds(
    model: str, alerts: ModelAlerts, *, max_replicas: int, p99_ms: float | None, sleeps: bool = False
) -> dict[str, Any]:
    """An entry of ``models`` from what a department declares."""
    entry: dict[str, Any] = {
        "model": model,
        "max_replicas": max_replicas,
        "error_rate": alerts.error_rate,
        "for_minutes": alerts.for_minutes,
    }
    if alerts.queue_ms is not None:
        entry["queue_ms"] = alerts.queue_ms
    if p99_ms is not None:
        entry["p99_ms"] = p99_ms
    if sleeps:
        entry["sleeps"] = True
    return entry


class _ModelThresholds(ModelAlerts):
    model: ModelName
    max_replicas: Annotated[int, Field(ge=1, le=1000)]
    p99_ms: Annotated[float, Field(ge=1, le=600_000)] | None = None
    sleeps: bool = False

    def thresholds(self, ownership: Ownership) -> ModelThresholds:
        queue_ms = self.queue_ms
        if queue_ms is None:
            queue_ms = _QUEUE_MS if self.p99_ms is None else self.p99_ms / 2
        return ModelThresholds(
            self.model,
            ownership,
            self.error_rate,
            queue_ms,
            self.for_minutes,
            self.max_replicas,
            self.p99_ms,
            self.sleeps,
        )


class _Monitoring(Declaration):
    ownership: Mapping[str, Any]
    models: list[_ModelThresholds]
    runtimes: Annotated[list[Runtime], Field(min_length=1)] = ["triton"]
    scrape_interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15


class _ClusterMonitoring(Declaration):
    ownership: Mapping[str, Any]
