"""Alerts of Azure Monitor on an endpoint's five signals: rate, errors, latency, queue or saturation, and memory.

Each metric is a row of ``catalog/data/managed_signals.csv``, of Azure Monitor's supported metrics.
A metric alert compares a number with a number: errors are counted, and the share that is allowed is taken of the
objective's rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...catalog.managed_signals import managed_signal

_WINDOWS_MINUTES = (1, 5, 15, 30, 60, 360, 720, 1440)
"""That Azure Monitor looks back by."""
_FULL_PERCENT = 90.0


@dataclass(frozen=True, slots=True)
class SignalAlert:
    """One metric alert."""

    signal: str
    """rate, errors, queue, latency, saturation or memory."""
    of_deployment: bool
    """Whether it is asked of each deployment, or once of the endpoint."""
    criterion: dict[str, Any]
    severity: int
    """0 critical to 4 verbose."""
    text: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is too much."""

    p99_ms: float | None
    requests_per_second: float | None
    error_rate: float
    gpu: bool
    arc: bool


def signal_alerts(thresholds: Thresholds) -> tuple[SignalAlert, ...]:
    """Those that there is a threshold for, of the endpoint and then of each deployment. Instances of an Arc cluster
    are watched by the cluster's own monitoring."""
    return (*_of_endpoint(thresholds), *(() if thresholds.arc else _of_deployments(thresholds)))


def _of_endpoint(thresholds: Thresholds) -> Iterator[SignalAlert]:
    rate = thresholds.requests_per_second
    if rate is not None:
        criterion = _criterion("rate", rate * 60)
        yield SignalAlert("rate", False, criterion, 3, f"more than the {rate:g} requests per second that are promised")
    failed = max(1.0, (rate or 0.0) * 60 * thresholds.error_rate)
    dimension = {"name": "statusCodeClass", "operator": "Include", "values": ["5xx"]}
    criterion = {**_criterion("errors", failed), "dimensions": [dimension]}
    yield SignalAlert("errors", False, criterion, 1, f"more than {failed:g} requests fail in a minute")
    dimension = {"name": "statusCode", "operator": "Include", "values": ["429"]}
    criterion = {**_criterion("queue", failed), "dimensions": [dimension]}
    yield SignalAlert("queue", False, criterion, 2, f"more than {failed:g} requests a minute find every instance busy")
    if thresholds.p99_ms is not None:
        criterion = _criterion("latency", thresholds.p99_ms)
        yield SignalAlert("latency", False, criterion, 2, f"the 99th percentile is above {thresholds.p99_ms:g} ms")


def _of_deployments(thresholds: Thresholds) -> Iterator[SignalAlert]:
    used, held = ("gpu", "gpu-memory") if thresholds.gpu else ("saturation", "memory")
    noun = "GPUs" if thresholds.gpu else "processors"
    criterion = _criterion(used, _FULL_PERCENT)
    yield SignalAlert("saturation", True, criterion, 2, f"the {noun} are used by more than {_FULL_PERCENT:g} %")
    criterion = _criterion(held, _FULL_PERCENT)
    yield SignalAlert(
        "memory", True, criterion, 2, f"the memory of the {noun} is used by more than {_FULL_PERCENT:g} %"
    )


def window(minutes: int) -> str:
    """The shortest window of Azure Monitor's that is as long."""
    found = next((each for each in _WINDOWS_MINUTES if each >= minutes), _WINDOWS_MINUTES[-1])
    return "P1D" if found == 1440 else f"PT{found // 60}H" if found >= 60 else f"PT{found}M"


def alert_criteria(alert: SignalAlert) -> dict[str, Any]:
    """``criteria`` of a MetricAlert."""
    return {
        "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        "allOf": [{**alert.criterion, "name": alert.signal, "criterionType": "StaticThresholdCriterion"}],
    }


def _criterion(name: str, threshold: float) -> dict[str, Any]:
    signal = managed_signal("azureml", name)
    return {
        "metricName": signal.metric,
        "operator": "GreaterThan",
        "threshold": threshold,
        "timeAggregation": signal.statistic,
    }
