"""How many replicas an InferenceService has: by our own autoscaler, by KServe's two, or by Knative's."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from ...catalog.runtime_signals import measured_as
from ...environment.kserve import KNATIVE_METRICS
from ..autoscaling.autoscaler import autoscaler
from ..autoscaling.horizontal_pod_autoscaler import CPU_PERCENT
from ..autoscaling.scale_target import ScaleTarget
from ..autoscaling.scaled_object import PROMETHEUS_ADDRESS
from ..autoscaling.signals import Target, query, targets
from ..workload.http_route import inference_clusters
from ..workload.probes import pod_start_seconds

if TYPE_CHECKING:
    from .inference_service import InferenceService


def external_autoscaler(service: InferenceService) -> dict[str, Any] | None:
    """Our own autoscaler of KServe's Deployment, as every other server has it; None where KServe or Knative scales.

    It has the model's name and not the Deployment's: KServe 0.20 overwrites any HorizontalPodAutoscaler that is called
    as its Deployment, with the class ``external`` too.
    """
    if service.mode != "standard" or service.autoscaler != "external":
        return None
    made = autoscaler(scale_target(service), service.workload.scaling)
    made["metadata"]["name"] = service.name
    if made["kind"] == "ScaledObject":
        made["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"] = service.name
    return made


def scale_target(service: InferenceService) -> ScaleTarget:
    """The predictor's Deployment, which KServe names, as Prometheus and the gateway know it."""
    workload = service.workload
    inference = sum(route.inference for route in workload.server.routes)
    reached = workload.hostname is not None and inference
    runtime = workload.server.runtime
    return ScaleTarget(
        name=f"{service.name}-predictor",
        namespace=workload.namespace,
        runtime=measured_as(runtime),
        labels=workload.metadata()["labels"],
        gateway_clusters=inference_clusters(workload.namespace, workload.name, inference) if reached else None,
        adapter_metric=workload.server.scaling_metric,
        gpus=workload.share.gpus,
        start_seconds=pod_start_seconds(workload),
    )


def autoscaler_annotations(service: InferenceService) -> dict[str, str]:
    """``serving.kserve.io/autoscalerClass``; Knative has its own autoscaler and needs none."""
    return {} if service.mode == "knative" else {"serving.kserve.io/autoscalerClass": service.autoscaler}


def predictor_scaling(service: InferenceService) -> dict[str, Any]:
    """Fields of the predictor that say how many replicas there are, and by what."""
    scaling = service.workload.scaling
    replicas: dict[str, Any] = {"minReplicas": scaling.min_replicas, "maxReplicas": scaling.max_replicas}
    if service.mode == "knative":
        for target, metric in KNATIVE_METRICS.items():
            if (value := getattr(scaling, target)) is not None:
                # A whole number, and never more than was asked for but where it would be none.
                replicas |= {"scaleMetric": metric, "scaleTarget": max(1, int(value))}
        return replicas
    if service.autoscaler == "hpa":
        return {**replicas, "autoScaling": {"metrics": [processor_time()]}}
    if service.autoscaler == "keda":
        followed = scale_target(service)
        metrics = [_prometheus(followed, each) for each in targets(scaling, followed)] or [processor_time()]
        down = {"stabilizationWindowSeconds": ceil(scaling.scale_down_minutes * 60)}
        behavior = {"scaleUp": {"stabilizationWindowSeconds": 30}, "scaleDown": down}
        return {**replicas, "autoScaling": {"metrics": metrics, "behavior": behavior}}
    return replicas


def processor_time() -> dict[str, Any]:
    """A metric of ``autoScaling``: average use of the requested processors."""
    target = {"type": "Utilization", "averageUtilization": CPU_PERCENT}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _prometheus(followed: ScaleTarget, target: Target) -> dict[str, Any]:
    """KServe hands KEDA no ``metricType``, so the answer is divided by the replicas (``AverageValue``, KEDA's default):
    an average is multiplied by those that Prometheus scrapes."""
    asked = query(followed, target.signal)
    if not target.per_replica:
        asked = f"({asked}) * sum(up{{{followed.selector}}})"
    metric = {"backend": "prometheus", "serverAddress": PROMETHEUS_ADDRESS, "query": asked}
    return {
        "type": "External",
        "external": {"metric": metric, "target": {"type": "Value", "value": f"{target.value:.10g}"}},
    }
