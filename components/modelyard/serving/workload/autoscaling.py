"""The autoscaler of a workload."""

from __future__ import annotations

from typing import Any

from ...environment.problem import InvalidEnvironment, Problem
from ..autoscaling.autoscaler import autoscaler
from ..autoscaling.problems import scaling_problems
from ..autoscaling.scale_target import ScaleTarget
from .http_route import inference_clusters
from .probes import pod_start_seconds
from .workload import Workload


def workload_autoscaler(workload: Workload) -> dict[str, Any]:
    """The one object that owns the Deployment's replicas: a HorizontalPodAutoscaler, or a ScaledObject of KEDA."""
    return autoscaler(scale_target(workload), workload.scaling)


def check_scaling(workload: Workload) -> None:
    """Before the first resource is registered.

    Raises:
        InvalidEnvironment: the runtime has no metric for a target, or nothing could wake the model from zero; all
            problems at once.
    """
    found = scaling_problems(workload.scaling, scale_target(workload))
    if found:
        raise InvalidEnvironment([Problem(f"model {workload.model}", "scaling", each) for each in found])


def scale_target(workload: Workload) -> ScaleTarget:
    """The workload's Deployment, as Prometheus and the gateway know it."""
    inference = sum(route.inference for route in workload.server.routes)
    reached = workload.hostname is not None and inference
    return ScaleTarget(
        name=workload.name,
        namespace=workload.namespace,
        runtime=workload.server.runtime,
        labels=workload.metadata()["labels"],
        gateway_clusters=inference_clusters(workload.namespace, workload.name, inference) if reached else None,
        adapter_metric=workload.server.scaling_metric,
        gpus=workload.share.gpus,
        start_seconds=pod_start_seconds(workload),
    )
