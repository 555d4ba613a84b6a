"""Metrics and alerts as Pulumi components. Prometheus-operator's definitions must be installed
(:class:`~modelyard.capacity.software.cluster_software.ClusterSoftware`): objects wait for what ``opts.depends_on``
names, where the same stack makes it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

import pulumi
from pydantic import Field, StringConstraints, model_validator

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.environment.declaration import Declaration
from modelyard.environment.kserve import Autoscaler, KServeServer
from modelyard.environment.model import ModelAlerts, Runtime
from modelyard.environment.names import ModelName
from modelyard.environment.patterns import NAME_PATTERN
from modelyard.environment.rollout import OWN_DEPLOYMENTS, RolloutController
from modelyard.environment.seldon import SeldonServer
from modelyard.governance.arguments import read_arguments
from modelyard.governance.ownership import Ownership
from modelyard.monitoring.gpu_alerts import gpu_rule
from modelyard.monitoring.model_alerts import ModelThresholds, model_rule
from modelyard.monitoring.monitoring_args import ClusterMonitoringArgs, MonitoringArgs
from modelyard.monitoring.neuron_alerts import neuron_rule
from modelyard.monitoring.pod_monitor import kserve_monitor, seldon_monitor
from modelyard.monitoring.service_monitor import service_monitor
from modelyard.monitoring.watched_track import Served

OwnRuntime = Literal["triton", "tensorflow_serving", "torchserve"]
ResourceName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=63)]
_QUEUE_MS = 50.0
"""Threshold of the queue time where a model has neither one nor an objective."""


class Monitoring(pulumi.ComponentResource):
    """One ServiceMonitor for each runtime in the department's namespace, a PodMonitor for each server that KServe or
    Seldon makes pods of, and a PrometheusRule for each model.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(_Monitoring, args, MonitoringArgs, f"Monitoring {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:Monitoring", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        interval = declared.scrape_interval_seconds
        for runtime in declared.scraped_runtimes:
            logical = name if runtime == "triton" else f"{name}-{runtime.replace('_', '-')}"
            declare(logical, service_monitor(ownership, runtime=runtime, scrape_interval_seconds=interval), here)
        for monitor in declared.pod_monitors(ownership):
            declare(f"{name}-{monitor['metadata']['name']}", monitor, here)
        for model in declared.models:
            declare(f"{name}-{model.model}", model_rule(model.thresholds(ownership)), here)
        self.register_outputs({})


class ClusterMonitoring(pulumi.ComponentResource):
    """A PrometheusRule for the GPUs of one cluster, and one for its Neuron devices where they are measured.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    def __init__(self, name: str, args: ClusterMonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(_ClusterMonitoring, args, ClusterMonitoringArgs, f"ClusterMonitoring {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:ClusterMonitoring", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        declare(name, gpu_rule(ownership), here)
        if declared.neuron:
            declare(f"{name}-neuron", neuron_rule(ownership), here)
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
    runtime: Runtime = "triton"
    server: KServeServer | None = None
    knative: bool = False
    transformer: bool = False
    autoscaler: Autoscaler | None = None
    shared_server: ResourceName | None = None
    stable: Annotated[int, Field(ge=1)] | None = None
    canary: Annotated[int, Field(ge=1)] | None = None
    rollout_by: RolloutController = "gateway"

    @model_validator(mode="after")
    def _fits(self) -> "_ModelThresholds":
        problems = []
        if self.runtime == "kserve" and self.server is None:
            problems.append(f"server is needed with runtime kserve; allowed: {', '.join(get_args(KServeServer))}")
        if self.runtime == "seldon" and self.server not in get_args(SeldonServer):
            problems.append(f"server is needed with runtime seldon; allowed: {', '.join(get_args(SeldonServer))}")
        if self.runtime not in ("kserve", "seldon") and self.server is not None:
            problems.append(f"server is for runtime kserve or seldon, and runtime is {self.runtime}; delete it")
        own = {"kserve": ("knative", "transformer", "autoscaler"), "seldon": ("shared_server",)}
        for runtime, keys in own.items():
            problems += [
                f"{key} is for runtime {runtime}, and runtime is {self.runtime}; delete it"
                for key in keys
                if self.runtime != runtime and getattr(self, key)
            ]
        if self.canary is not None and self.stable is None:
            problems.append(f"canary {self.canary} has no stable version beside it; name in stable the one that serves")
        if self.rollout_by != "gateway" and self.runtime not in OWN_DEPLOYMENTS:
            problems.append(f"rollout_by {self.rollout_by} moves {', '.join(OWN_DEPLOYMENTS)}; delete it")
        if problems:
            raise ValueError("; ".join(problems))
        return self

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
            Served(
                self.model,
                ownership.department,
                runtime=self.runtime,
                server=self.server,
                knative=self.knative,
                transformer=self.transformer,
                shared_server=self.shared_server,
                autoscaler=self.autoscaler,
                stable=self.stable,
                canary=self.canary,
                by=self.rollout_by,
            ),
        )


class _Monitoring(Declaration):
    ownership: Mapping[str, Any]
    models: list[_ModelThresholds]
    runtimes: Annotated[list[OwnRuntime], Field(min_length=1)] | None = None
    scrape_interval_seconds: Annotated[int, Field(ge=5, le=300)] = 15

    @property
    def scraped_runtimes(self) -> list[str]:
        """Whose pods have Services of ours."""
        named = {model.runtime for model in self.models if model.runtime in OWN_DEPLOYMENTS}
        return list(self.runtimes) if self.runtimes is not None else sorted(named)

    def pod_monitors(self, ownership: Ownership) -> list[dict[str, Any]]:
        """Of pods that a controller makes, each kind once."""
        interval = self.scrape_interval_seconds
        kserve = sorted({(model.server or "", model.knative) for model in self.models if model.runtime == "kserve"})
        found = [
            kserve_monitor(ownership, server=server, knative=knative, scrape_interval_seconds=interval)
            for server, knative in kserve
        ]
        if any(model.runtime == "seldon" for model in self.models):
            found.append(seldon_monitor(ownership, scrape_interval_seconds=interval))
        return found


class _ClusterMonitoring(Declaration):
    ownership: Mapping[str, Any]
    neuron: bool = False
