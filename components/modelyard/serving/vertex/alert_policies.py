"""Alert policies of Cloud Monitoring for the five signals of one endpoint: rate, errors, latency, queue or saturation,
and GPU or memory (``catalog/data/managed_signals.csv``; REST v3, ``projects.alertPolicies``).

Pure: what :mod:`.endpoint` declares. The filters end where the endpoint's number comes, which the program gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...catalog.managed_signals import ManagedSignal, managed_signal
from ...catalog.vertex_machine_types import get as machine_type
from .endpoint_declaration import VertexEndpointDeclaration

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
    """``conditionThreshold`` in the SDK's words."""


def alerts(declared: VertexEndpointDeclaration, endpoint: str) -> list[Alert]:
    """Those of one endpoint; ``endpoint`` is its number."""
    watched = _Watched(declared, endpoint)
    found = [watched.errors(declared.alerts.error_rate)]
    if declared.requests_per_second is not None:
        found.append(watched.rate(declared.requests_per_second))
    p99_ms = declared.p99_ms
    if p99_ms is not None:
        found.append(watched.latency(p99_ms))
    queue_ms = declared.alerts.queue_ms or (p99_ms / 2 if p99_ms is not None else None)
    if queue_ms is not None and not watched.is_peered:
        found.append(watched.overhead(queue_ms))
    machine = machine_type(declared.machine_type)
    found.append(watched.gauge("saturation", "processors are full", _FULL * machine.cores))
    if declared.gpus is not None:
        found.append(watched.gauge("gpu", "GPUs are full", _FULL))
    memory = float(machine.memory_gib) * 1024**3 * _FULL
    found.append(watched.gauge("memory", "memory is nearly full", memory))
    return found


class _Watched:
    """One endpoint. A peered one publishes metrics of its own, which know no parts of a latency."""

    def __init__(self, declared: VertexEndpointDeclaration, endpoint: str) -> None:
        self.is_peered = declared.endpoint == "peered"
        self._endpoint = endpoint
        self._lasting = f"{declared.alerts.for_minutes * 60}s"

    def rate(self, requests_per_second: float) -> Alert:
        return self._above(
            "rate",
            f"more than the {requests_per_second:g} requests a second that are promised",
            requests_per_second,
            "REDUCE_SUM",
        )

    def errors(self, share: float) -> Alert:
        summed = [_aggregation(self._signal("errors").statistic, "REDUCE_SUM")]
        failed = "metric.labels.response_code >= 500" if self.is_peered else 'metric.labels.response_code = "5xx"'
        return Alert(
            "errors",
            f"more than {share:.2%} of the requests fail",
            {
                "filter": f"{self._filter('errors')} AND {failed}",
                "aggregations": summed,
                "denominator_filter": self._filter("errors"),
                "denominator_aggregations": summed,
                **self._limit(share),
            },
        )

    def latency(self, p99_ms: float) -> Alert:
        whole = "" if self.is_peered else ' AND metric.labels.latency_type = "total"'
        return self._above("latency", f"p99 is above {p99_ms:g} ms", p99_ms, "REDUCE_MAX", whole)

    def overhead(self, queue_ms: float) -> Alert:
        says = f"requests wait {queue_ms:g} ms and more before the model"
        return self._above("overhead", says, queue_ms, "REDUCE_MAX", ' AND metric.labels.latency_type = "overhead"')

    def gauge(self, signal: str, says: str, limit: float) -> Alert:
        return self._above(signal, says, limit, "REDUCE_MEAN")

    def _above(self, signal: str, says: str, limit: float, reducer: str, more: str = "") -> Alert:
        return Alert(
            signal,
            says,
            {
                "filter": self._filter(signal) + more,
                "aggregations": [_aggregation(self._signal(signal).statistic, reducer)],
                **self._limit(limit),
            },
        )

    def _limit(self, threshold: float) -> dict[str, Any]:
        return {"comparison": "COMPARISON_GT", "threshold_value": threshold, "duration": self._lasting}

    def _filter(self, name: str) -> str:
        signal = self._signal(name)
        return (
            f'resource.type = "{signal.namespace}" AND resource.labels.endpoint_id = "{self._endpoint}" '
            f'AND metric.type = "{signal.metric}"'
        )

    def _signal(self, name: str) -> ManagedSignal:
        return managed_signal("vertex", name, "peered" if self.is_peered else "")


def _aggregation(aligner: str, reducer: str) -> dict[str, Any]:
    return {
        "alignment_period": f"{_WINDOW_SECONDS}s",
        "per_series_aligner": aligner,
        "cross_series_reducer": reducer,
        "group_by_fields": ["resource.labels.endpoint_id"],
    }
