"""Alerts of one served model, from the thresholds that its department declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..governance.ownership import Ownership
from ..serving.triton.server import ROUTES as TRITON_ROUTES
from ..serving.workload.http_route import inference_clusters
from .alert import Alert, prometheus_rule
from .metrics import metric


@dataclass(frozen=True, slots=True)
class ModelThresholds:
    """What is too much for one model."""

    model: str
    ownership: Ownership
    error_rate: float
    """Share of failed requests over five minutes."""
    queue_ms: float
    """Average time in the queue."""
    for_minutes: int
    max_replicas: int
    p99_ms: float | None = None
    """99th percentile at the gateway; None: no objective, no alert."""
    sleeps: bool = False
    """Whether having no replica is what was asked for."""


def model_rule(thresholds: ModelThresholds) -> dict[str, Any]:
    """The PrometheusRule of one model, in its department's namespace."""
    ownership = thresholds.ownership.of_model(thresholds.model)
    return prometheus_rule(
        thresholds.model,
        ownership.department,
        ownership.kubernetes_labels(),
        model_alerts(thresholds),
        {"department": ownership.department, "model": thresholds.model},
    )


def model_alerts(thresholds: ModelThresholds) -> list[Alert]:
    """Eight alerts, and one more with an objective.

    Triton counts every model of an ensemble, and counts by GPU: counts are summed by model, and the worst model of the
    server decides. Requests that their callers cancelled are no errors. What gets no requests raises nothing.

    Errors are counted at the gateway, too: a Python backend may answer a request with an error of its own, which Triton
    counts as a success.
    """
    name, namespace = thresholds.model, thresholds.ownership.department
    served = f'namespace="{namespace}",service="{name}"'
    deployed = f'namespace="{namespace}",deployment="{name}"'
    failed = f'sum by (model) (rate({metric("failed")}{{{served},reason!="CANCELED"}}[5m]))'
    succeeded = f"sum by (model) (rate({metric('succeeded')}{{{served}}}[5m]))"
    queued_us = f"sum by (model) (rate({metric('queue_us')}{{{served}}}[5m]))"
    clusters = inference_clusters(namespace, name, routes=TRITON_ROUTES)
    passed = f'envoy_cluster_name=~"{clusters}"'
    answered = f"sum(rate({metric('gateway_responses')}{{{passed}}}[5m]))"
    server_errors = f'sum(rate({metric("gateway_responses")}{{{passed},envoy_response_code_class="5"}}[5m]))'
    alerts = [
        Alert(
            "ModelErrorRate",
            f"max({failed} / (({failed} + {succeeded}) > 0)) > {thresholds.error_rate:g}",
            "critical",
            f"{name} fails {{{{ $value | humanizePercentage }}}} of its requests; "
            f"{thresholds.error_rate * 100:g}% are allowed",
            thresholds.for_minutes,
        ),
        Alert(
            "ModelGatewayErrorRate",
            f"{server_errors} / ({answered} > 0) > {thresholds.error_rate:g}",
            "critical",
            f"{{{{ $value | humanizePercentage }}}} of the answers of {name} are server errors; "
            f"{thresholds.error_rate * 100:g}% are allowed",
            thresholds.for_minutes,
        ),
        Alert(
            "ModelQueueTime",
            f"max({queued_us} / ({succeeded} > 0)) / 1000 > {thresholds.queue_ms:g}",
            "warning",
            f"requests to {name} wait {{{{ $value | humanize }}}} ms on average; "
            f"{thresholds.queue_ms:g} ms are allowed",
            thresholds.for_minutes,
        ),
        Alert(
            "ModelNoReplicas",
            f"{metric('replicas_available')}{{{deployed}}} == 0",
            "critical",
            f"no replica of {name} is available",
            5,
        ),
        Alert(
            "ModelRolloutStuck",
            f'{metric("rollout")}{{{deployed},condition="Progressing",status="false"}} == 1',
            "warning",
            f"the rollout of {name} makes no progress; the pods before it go on serving",
            1,
        ),
        Alert(
            "ModelRestarts",
            f"sum(increase({metric('restarts')}{{{_containers(namespace, name)}}}[30m])) > 2",
            "warning",
            f"servers of {name} restarted {{{{ $value | humanize }}}} times in half an hour",
            1,
        ),
        Alert(
            "ModelAtMaxReplicas",
            f'{metric("replicas_wanted")}{{namespace="{namespace}",horizontalpodautoscaler="{name}"}} '
            f">= {thresholds.max_replicas}",
            "warning",
            f"{name} has been at its maximum of {thresholds.max_replicas} replicas for half an hour",
            30,
        ),
        Alert(
            "ModelNotMeasured",
            f"absent({metric('succeeded')}{{{served}}})",
            "warning",
            f"Prometheus gets no metrics of {name}, so its other alerts are blind",
            15,
        ),
    ]
    if thresholds.sleeps:
        # No replica at night is what was asked for.
        alerts = [alert for alert in alerts if alert.name not in ("ModelNoReplicas", "ModelNotMeasured")]
    if thresholds.p99_ms is not None:
        alerts.append(_latency(thresholds, thresholds.p99_ms))
    return alerts


def _latency(thresholds: ModelThresholds, p99_ms: float) -> Alert:
    """From the gateway's histogram: quantiles of single servers do not add up."""
    clusters = inference_clusters(thresholds.ownership.department, thresholds.model, routes=TRITON_ROUTES)
    buckets = f'sum by (le) (rate({metric("gateway_ms")}{{envoy_cluster_name=~"{clusters}"}}[5m]))'
    return Alert(
        "ModelLatencyP99",
        f"histogram_quantile(0.99, {buckets}) > {p99_ms:g}",
        "critical",
        f"the 99th percentile of {thresholds.model} is {{{{ $value | humanize }}}} ms; {p99_ms:g} ms are promised",
        thresholds.for_minutes,
    )


def _containers(namespace: str, name: str) -> str:
    """Servers of this Deployment and of no other whose name begins alike: a pod's name ends in two generated parts."""
    return f'namespace="{namespace}",container="triton",pod=~"{name}-[a-z0-9]+-[a-z0-9]+"'
