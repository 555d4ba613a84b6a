"""CloudWatch alarms for the five signals: errors, latency, rate refused, queue and memory.

Metrics and their units follow "Amazon SageMaker AI metrics in Amazon CloudWatch"; asynchronous endpoints publish fewer
("Alarms and logs for tracking metrics from asynchronous endpoints").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .endpoint_declaration import SageMakerEndpointDeclaration
from .variants import Variant

_INVOCATIONS = "AWS/SageMaker"
_INSTANCES = "/aws/sagemaker/Endpoints"
_COMPONENTS = "/aws/sagemaker/InferenceComponents"
_FULL_PERCENT = 90
_PERIOD_SECONDS = 60
_MICROSECONDS = 1000


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, its name still to be made."""

    signal: str
    """``errors``, ``latency``, ``throttled``, ``queue``, ``memory`` or ``gpu-memory``."""
    variant: str
    given: dict[str, Any]
    """Arguments of ``aws.cloudwatch.MetricAlarm``, in Python's spelling."""
    rolls_back: bool = False
    """Whether a deployment is taken back when it goes off."""


def alarms(declared: SageMakerEndpointDeclaration, served: tuple[Variant, ...]) -> tuple[Alarm, ...]:
    """Every alarm of the endpoint, variant by variant. Where nothing is measured nothing is wrong."""
    found: list[Alarm] = []
    for variant in served:
        found += _of_variant(declared, variant)
    if declared.kind == "async":
        found.append(_waiting(declared))
    return tuple(found)


def _of_variant(declared: SageMakerEndpointDeclaration, variant: Variant) -> list[Alarm]:
    found = [_errors(declared, variant)]
    if declared.p99_ms is not None and declared.kind != "async":
        found.append(_latency(declared, variant, declared.p99_ms))
        if declared.kind not in ("serverless", "inference_components"):
            found.append(_overhead(declared, variant, declared.p99_ms))
    if declared.kind == "serverless":
        found.append(_full(declared, variant, "concurrency", "ServerlessConcurrentExecutionsUtilization", 0.9))
        return found
    if declared.kind == "inference_components":
        # Of what is kept for the copies, whatever else shares their instances.
        found.append(_full(declared, variant, "memory", "MemoryUtilizationNormalized", _FULL_PERCENT))
        if declared.has_gpu:
            found.append(_full(declared, variant, "gpu-memory", "GPUMemoryUtilizationNormalized", _FULL_PERCENT))
        return found
    found.append(_full(declared, variant, "memory", "MemoryUtilization", _FULL_PERCENT))
    if declared.has_gpu:
        gpus = _gpus(declared)
        found.append(_full(declared, variant, "gpu-memory", "GPUMemoryUtilization", _FULL_PERCENT * gpus))
    return found


def _errors(declared: SageMakerEndpointDeclaration, variant: Variant) -> Alarm:
    """Share of answers that are the server's own failures; an asynchronous endpoint counts requests otherwise."""
    requests = "InvocationsProcessed" if declared.kind == "async" else "Invocations"
    failures = "InvocationFailures" if declared.kind == "async" else "Invocation5XXErrors"
    dimensions = {"EndpointName": declared.physical_name} if declared.kind == "async" else _who(declared, variant)

    def counted(id_: str, metric: str) -> dict[str, Any]:
        measured = {
            "namespace": _INVOCATIONS,
            "metric_name": metric,
            "dimensions": dimensions,
            "period": _PERIOD_SECONDS,
            "stat": "Sum",
        }
        return {"id": id_, "metric": measured, "return_data": False}

    # Invocation5XXErrors has no samples while nobody asks, and FILL makes a sum of none zero.
    share = "IF(requests > 0, FILL(failures, 0) / requests, 0)"
    queries = [
        counted("requests", requests),
        counted("failures", failures),
        {"id": "share", "expression": share, "label": "share of failed requests", "return_data": True},
    ]
    given = {
        **_after(declared),
        "alarm_description": f"Model {declared.model} ({variant.name}) fails more than "
        f"{declared.alerts.error_rate:.2%} of its requests",
        "metric_queries": queries,
        "threshold": declared.alerts.error_rate,
    }
    return Alarm("errors", variant.name, given, rolls_back=True)


def _latency(declared: SageMakerEndpointDeclaration, variant: Variant, p99_ms: float) -> Alarm:
    given = {
        **_measured(declared, variant, _INVOCATIONS, "ModelLatency"),
        "alarm_description": f"Model {declared.model} ({variant.name}) answers slower than {p99_ms:g} ms at p99",
        "extended_statistic": "p99",
        "evaluate_low_sample_count_percentiles": "ignore",
        "threshold": p99_ms * _MICROSECONDS,
    }
    return Alarm("latency", variant.name, given, rolls_back=True)


def _overhead(declared: SageMakerEndpointDeclaration, variant: Variant, p99_ms: float) -> Alarm:
    """What SageMaker adds before and after the model, its queue among it."""
    queue_ms = declared.alerts.queue_ms or p99_ms / 2
    given = {
        **_measured(declared, variant, _INVOCATIONS, "OverheadLatency"),
        "alarm_description": f"Requests to model {declared.model} ({variant.name}) wait longer than {queue_ms:g} ms",
        "statistic": "Average",
        "threshold": queue_ms * _MICROSECONDS,
    }
    return Alarm("queue", variant.name, given)


def _full(
    declared: SageMakerEndpointDeclaration, variant: Variant, signal: str, metric: str, threshold: float
) -> Alarm:
    namespace = {"serverless": _INVOCATIONS, "inference_components": _COMPONENTS}.get(declared.kind, _INSTANCES)
    given = {
        **_measured(declared, variant, namespace, metric),
        "alarm_description": f"Model {declared.model} ({variant.name}) runs out of {signal.replace('gpu-', 'GPU ')}",
        "statistic": "Maximum",
        "threshold": threshold,
    }
    return Alarm(signal, variant.name, given)


def _waiting(declared: SageMakerEndpointDeclaration) -> Alarm:
    from ...environment.sagemaker import Asynchronous

    wanted = declared.asynchronous or Asynchronous()
    given = {
        **_after(declared),
        "alarm_description": f"Requests to model {declared.model} pile up in its queue",
        "namespace": _INVOCATIONS,
        "metric_name": "ApproximateBacklogSizePerInstance",
        "dimensions": {"EndpointName": declared.physical_name},
        "period": _PERIOD_SECONDS,
        "statistic": "Average",
        "threshold": wanted.backlog_per_instance * 2,
    }
    return Alarm("queue", "", given)


def _measured(declared: SageMakerEndpointDeclaration, variant: Variant, namespace: str, metric: str) -> dict[str, Any]:
    return {
        **_after(declared),
        "namespace": namespace,
        "metric_name": metric,
        "dimensions": _who(declared, variant),
        "period": _PERIOD_SECONDS,
    }


def _who(declared: SageMakerEndpointDeclaration, variant: Variant) -> dict[str, str]:
    if declared.kind == "inference_components":
        return {"InferenceComponentName": declared.physical_name}
    return {"EndpointName": declared.physical_name, "VariantName": variant.name}


def _after(declared: SageMakerEndpointDeclaration) -> dict[str, Any]:
    minutes = declared.alerts.for_minutes
    return {
        "comparison_operator": "GreaterThanThreshold",
        "evaluation_periods": minutes,
        "datapoints_to_alarm": minutes,
        "treat_missing_data": "notBreaching",
    }


def _gpus(declared: SageMakerEndpointDeclaration) -> int:
    from ...catalog import sagemaker_instances

    return sagemaker_instances.get(declared.instance_type or "").accelerator_count or 1
