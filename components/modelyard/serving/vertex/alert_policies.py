"""Alert policies of Cloud Monitoring for the five signals of one endpoint: rate, errors, latency, saturation, and GPU
or memory (``catalog/data/vertex_signals.csv``; REST v3, ``projects.alertPolicies``).

Pure: what :mod:`.endpoint` declares. The filters end where the endpoint's number comes, which the program gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...catalog.table import rows
from ...catalog.vertex_machine_types import get as machine_type
from .endpoint_declaration import VertexEndpointDeclaration

_RESOURCE = 'resource.type = "aiplatform.googleapis.com/Endpoint"'
_WINDOW_SECONDS = 300
_FULL = 0.9
"""Share of processors, GPU or memory above which there is no room for a burst."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One policy with one condition."""

    signal: str
    says: str
    """What is wrong, for the title."""
    condition: dict[str, Any]
    """``conditionThreshold`` or ``conditionAbsent``, in the SDK's words."""
    kind: str = "condition_threshold"


def alerts(declared: VertexEndpointDeclaration, endpoint: str) -> list[Alert]:
    """Those of one endpoint; ``endpoint`` is its number."""
    lasting = f"{declared.alerts.for_minutes * 60}s"
    of_endpoint = f'{_RESOURCE} AND resource.labels.endpoint_id = "{endpoint}"'
    found = [_silence(declared, of_endpoint), _errors(declared, of_endpoint, lasting)]
    p99_ms = declared.p99_ms
    if p99_ms is not None:
        found.append(_latency(of_endpoint, "total", "ALIGN_PERCENTILE_99", p99_ms, lasting))
    queue_ms = declared.alerts.queue_ms or (p99_ms / 2 if p99_ms is not None else None)
    if queue_ms is not None:
        found.append(_latency(of_endpoint, "overhead", "ALIGN_PERCENTILE_50", queue_ms, lasting))
    found.append(_gauge(of_endpoint, "saturation", "processors are full", _FULL, lasting))
    if declared.gpus is not None:
        found.append(_gauge(of_endpoint, "gpu", "GPUs are full", _FULL, lasting))
    memory = float(machine_type(declared.machine_type).memory_gib) * 1024**3 * _FULL
    found.append(_gauge(of_endpoint, "memory", "memory is nearly full", memory, lasting))
    return found


def _silence(declared: VertexEndpointDeclaration, of_endpoint: str) -> Alert:
    """No answers for an hour while somebody is promised a rate: nobody asks, or nobody can."""
    return Alert(
        "rate",
        "nothing was answered for an hour",
        {
            "filter": f'{of_endpoint} AND metric.type = "{_metric("rate")}"',
            "duration": f"{max(60, declared.alerts.for_minutes) * 60}s",
            "aggregations": [_aggregation("ALIGN_RATE", "REDUCE_SUM")],
        },
        "condition_absent",
    )


def _errors(declared: VertexEndpointDeclaration, of_endpoint: str, lasting: str) -> Alert:
    summed = [_aggregation("ALIGN_DELTA", "REDUCE_SUM")]
    return Alert(
        "errors",
        f"more than {declared.alerts.error_rate:.2%} of the requests fail",
        {
            "filter": f'{of_endpoint} AND metric.type = "{_metric("errors")}"',
            "aggregations": summed,
            "denominator_filter": f'{of_endpoint} AND metric.type = "{_metric("rate")}"',
            "denominator_aggregations": summed,
            "comparison": "COMPARISON_GT",
            "threshold_value": declared.alerts.error_rate,
            "duration": lasting,
        },
    )


def _latency(of_endpoint: str, part: str, aligner: str, limit_ms: float, lasting: str) -> Alert:
    of_part = f'{of_endpoint} AND metric.type = "{_metric("latency")}" AND metric.labels.latency_type = "{part}"'
    whole = part == "total"
    return Alert(
        "latency" if whole else "overhead",
        f"p99 is above {limit_ms:g} ms" if whole else f"requests wait {limit_ms:g} ms and more before the model",
        {
            "filter": of_part,
            "aggregations": [_aggregation(aligner, "REDUCE_MAX")],
            "comparison": "COMPARISON_GT",
            "threshold_value": limit_ms,
            "duration": lasting,
        },
    )


def _gauge(of_endpoint: str, signal: str, says: str, limit: float, lasting: str) -> Alert:
    return Alert(
        signal,
        says,
        {
            "filter": f'{of_endpoint} AND metric.type = "{_metric(signal)}"',
            "aggregations": [_aggregation("ALIGN_MEAN", "REDUCE_MEAN")],
            "comparison": "COMPARISON_GT",
            "threshold_value": limit,
            "duration": lasting,
        },
    )


def _aggregation(aligner: str, reducer: str) -> dict[str, Any]:
    return {
        "alignment_period": f"{_WINDOW_SECONDS}s",
        "per_series_aligner": aligner,
        "cross_series_reducer": reducer,
        "group_by_fields": ["resource.labels.endpoint_id"],
    }


def _metric(signal: str) -> str:
    return next(row["metric"] for row in rows("vertex_signals.csv") if row["signal"] == signal)
