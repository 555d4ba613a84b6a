"""CloudWatch alarms for the five signals: rate, errors, latency, queue or saturation, and memory.

Each metric, with its dimensions and unit, is a row of ``catalog/data/managed_signals.csv``: serverless and asynchronous
endpoints and inference components publish others than endpoints with instances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...catalog.managed_signals import ManagedSignal, managed_signal
from .endpoint_declaration import SageMakerEndpointDeclaration
from .variants import Variant

_FULL_PERCENT = 90
_PERIOD_SECONDS = 60
_MICROSECONDS = 1000
_RUNS_OUT_OF = {"saturation": "processor time", "gpu": "GPU time", "gpu-memory": "GPU memory"}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm, its name still to be made."""

    signal: str
    """``rate``, ``errors``, ``latency``, ``queue``, ``concurrency``, ``saturation``, ``gpu``, ``memory`` or
    ``gpu-memory``."""
    variant: str
    given: dict[str, Any]
    """Arguments of ``aws.cloudwatch.MetricAlarm``, in Python's spelling."""
    rolls_back: bool = False
    """Whether a deployment is taken back when it goes off."""


def alarms(declared: SageMakerEndpointDeclaration, served: tuple[Variant, ...]) -> tuple[Alarm, ...]:
    """Every alarm of the endpoint, variant by variant. Where nothing is measured nothing is wrong."""
    found = [] if declared.requests_per_second is None else [_rate(declared, served, declared.requests_per_second)]
    for variant in served:
        found += _of_variant(declared, variant)
    if declared.kind == "async":
        found.append(_waiting(declared))
    return tuple(found)


def _of_variant(declared: SageMakerEndpointDeclaration, variant: Variant) -> list[Alarm]:
    found = [_errors(declared, variant)]
    if declared.p99_ms is not None:
        found.append(_latency(declared, variant, declared.p99_ms))
        if declared.kind in ("real_time", "multi_model"):
            found.append(_overhead(declared, variant, declared.p99_ms))
    if declared.kind == "serverless":
        return [*found, _full(declared, variant, "concurrency", 0.9), _full(declared, variant, "memory", _FULL_PERCENT)]
    # Of an inference component percents are of what is kept for its copies, whatever else shares their instances, and
    # of all its GPUs at once; of an endpoint SageMaker adds the percents of its GPUs up.
    component = declared.kind == "inference_components"
    gpus = _gpus(declared) if declared.has_gpu and not component else 1
    if component:
        found.append(_full(declared, variant, "gpu" if declared.has_gpu else "saturation", _FULL_PERCENT))
    found.append(_full(declared, variant, "memory", _FULL_PERCENT))
    if declared.has_gpu:
        found.append(_full(declared, variant, "gpu-memory", _FULL_PERCENT * gpus))
    return found


def _rate(declared: SageMakerEndpointDeclaration, served: tuple[Variant, ...], requests_per_second: float) -> Alarm:
    """Of all variants that answer; a shadow is sent copies."""
    signal = managed_signal("sagemaker", "rate", declared.kind)
    queries: list[dict[str, Any]] = [
        {"id": f"requests{number}", "metric": _counted(declared, variant, signal), "return_data": False}
        for number, variant in enumerate(each for each in served if not each.is_shadow)
    ]
    together = " + ".join(f"FILL({each['id']}, 0)" for each in queries)
    whole = {"id": "requests", "expression": together, "label": "requests a minute", "return_data": True}
    given = {
        **_after(declared),
        "alarm_description": f"Model {declared.model} is asked more often than the {requests_per_second:g} times a "
        "second that are promised",
        "metric_queries": [*queries, whole],
        "threshold": requests_per_second * _PERIOD_SECONDS,
    }
    return Alarm("rate", "", given)


def _errors(declared: SageMakerEndpointDeclaration, variant: Variant) -> Alarm:
    """Share of answers that are the server's own failures; an asynchronous endpoint counts requests otherwise."""

    def counted(id_: str, name: str) -> dict[str, Any]:
        signal = managed_signal("sagemaker", name, declared.kind)
        return {"id": id_, "metric": _counted(declared, variant, signal), "return_data": False}

    # Errors have no samples while nobody asks, and FILL makes a sum of none zero.
    share = "IF(requests > 0, FILL(failures, 0) / requests, 0)"
    queries = [
        counted("requests", "rate"),
        counted("failures", "errors"),
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
        **_measured(declared, variant, "latency"),
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
        **_measured(declared, variant, "queue"),
        "alarm_description": f"Requests to model {declared.model} ({variant.name}) wait longer than {queue_ms:g} ms",
        "statistic": managed_signal("sagemaker", "queue", declared.kind).statistic,
        "threshold": queue_ms * _MICROSECONDS,
    }
    return Alarm("queue", variant.name, given)


def _full(declared: SageMakerEndpointDeclaration, variant: Variant, name: str, threshold: float) -> Alarm:
    given = {
        **_measured(declared, variant, name),
        "alarm_description": f"Model {declared.model} ({variant.name}) runs out of {_RUNS_OUT_OF.get(name, name)}",
        "statistic": managed_signal("sagemaker", name, declared.kind).statistic,
        "threshold": threshold,
    }
    return Alarm(name, variant.name, given)


def _waiting(declared: SageMakerEndpointDeclaration) -> Alarm:
    from ...environment.sagemaker import Asynchronous

    wanted = declared.asynchronous or Asynchronous()
    signal = managed_signal("sagemaker", "queue", declared.kind)
    given = {
        **_after(declared),
        "alarm_description": f"Requests to model {declared.model} pile up in its queue",
        "namespace": signal.namespace,
        "metric_name": signal.metric,
        "dimensions": {"EndpointName": declared.physical_name},
        "period": _PERIOD_SECONDS,
        "statistic": signal.statistic,
        "threshold": wanted.backlog_per_instance * 2,
    }
    return Alarm("queue", "", given)


def _counted(declared: SageMakerEndpointDeclaration, variant: Variant, signal: ManagedSignal) -> dict[str, Any]:
    """A metric of an expression."""
    return {
        "namespace": signal.namespace,
        "metric_name": signal.metric,
        "dimensions": _who(declared, variant),
        "period": _PERIOD_SECONDS,
        "stat": signal.statistic,
    }


def _measured(declared: SageMakerEndpointDeclaration, variant: Variant, name: str) -> dict[str, Any]:
    signal = managed_signal("sagemaker", name, declared.kind)
    return {
        **_after(declared),
        "namespace": signal.namespace,
        "metric_name": signal.metric,
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
