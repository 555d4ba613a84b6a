"""Alerts of one served model, from the thresholds that its department declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..catalog.metrics import metric
from ..governance.ownership import Ownership
from .alert import Alert, prometheus_rule
from .server_signals import HealthSignal, server_query
from .watched_track import Served, WatchedTrack, watched_tracks


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
    served: Served | None = None
    """How it is served; None: by Triton, without a rollout."""


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
    """What a model's runtime and the gateway can tell, with an objective its latency too; while a canary is tried, of
    each side by itself, since the few errors of a small share would vanish in the whole.

    Triton counts every model of an ensemble, and counts by GPU: counts are summed by model, and the worst model of the
    server decides. Requests that their callers cancelled are no errors. What gets no requests raises nothing.

    Errors are counted at the gateway, too: a Python backend may answer a request with an error of its own, which Triton
    counts as a success, and KServe's Python servers count none.
    """
    served = thresholds.served or Served(thresholds.model, thresholds.ownership.department)
    tracks = watched_tracks(served)
    alerts = list(_stable(thresholds, tracks["stable"]))
    if "canary" in tracks:
        alerts += _canary(thresholds, tracks["canary"], served)
    return alerts


def _stable(thresholds: ModelThresholds, track: WatchedTrack) -> Iterator[Alert]:
    yield from _errors("Model", thresholds, track)
    yield from _queue("Model", thresholds, track)
    if not thresholds.sleeps:
        # No replica at night is what was asked for.
        yield _no_replicas("Model", track)
    if track.stuck is not None:
        yield Alert(
            "ModelRolloutStuck",
            f"{track.stuck} == 1",
            "warning",
            f"the rollout of {track.named} makes no progress; the pods before it go on serving",
            1,
            track.labels,
        )
    yield _restarts("Model", track)
    if track.autoscaler is not None:
        hpa = f'namespace="{thresholds.ownership.department}",horizontalpodautoscaler="{track.autoscaler}"'
        yield Alert(
            "ModelAtMaxReplicas",
            f"{metric('replicas_wanted')}{{{hpa}}} >= {thresholds.max_replicas}",
            "warning",
            f"{track.named} has been at its maximum of {thresholds.max_replicas} replicas for half an hour",
            30,
            track.labels,
        )
    if not thresholds.sleeps:
        yield Alert(
            "ModelNotMeasured",
            f"absent({_told(track)})",
            "warning",
            f"Prometheus gets no metrics of {track.named}, so its other alerts are blind",
            15,
            track.labels,
        )
    yield from _latency("Model", thresholds, track)


def _canary(thresholds: ModelThresholds, track: WatchedTrack, served: Served) -> Iterator[Alert]:
    """A controller takes the canary's pods away when a release has ended, whatever the declaration still says."""
    yield from _errors("Canary", thresholds, track)
    yield from _queue("Canary", thresholds, track)
    if served.by == "gateway":
        yield _no_replicas("Canary", track)
    yield _restarts("Canary", track)
    yield from _latency("Canary", thresholds, track)


def _errors(prefix: str, thresholds: ModelThresholds, track: WatchedTrack) -> Iterator[Alert]:
    allowed = f"{thresholds.error_rate * 100:g}% are allowed"
    share = _failed_by_triton(track) if track.measured == "triton" else _asked(track, "error_rate")
    if share is not None:
        yield Alert(
            f"{prefix}ErrorRate",
            f"{share} > {thresholds.error_rate:g}",
            "critical",
            f"{track.named} fails {{{{ $value | humanizePercentage }}}} of its requests; {allowed}",
            thresholds.for_minutes,
            track.labels,
        )
    if track.clusters is not None:
        passed = f'envoy_cluster_name=~"{track.clusters}"'
        answered = f"sum(rate({metric('gateway_responses')}{{{passed}}}[5m]))"
        server_errors = f'sum(rate({metric("gateway_responses")}{{{passed},envoy_response_code_class="5"}}[5m]))'
        yield Alert(
            f"{prefix}GatewayErrorRate",
            f"{server_errors} / ({answered} > 0) > {thresholds.error_rate:g}",
            "critical",
            f"{{{{ $value | humanizePercentage }}}} of the answers of {track.named} are server errors; {allowed}",
            thresholds.for_minutes,
            track.labels,
        )


def _queue(prefix: str, thresholds: ModelThresholds, track: WatchedTrack) -> Iterator[Alert]:
    waited = _queued_in_triton(track) if track.measured == "triton" else _asked(track, "queue_ms")
    if waited is not None:
        yield Alert(
            f"{prefix}QueueTime",
            f"{waited} > {thresholds.queue_ms:g}",
            "warning",
            f"requests to {track.named} wait {{{{ $value | humanize }}}} ms on average; "
            f"{thresholds.queue_ms:g} ms are allowed",
            thresholds.for_minutes,
            track.labels,
        )


def _no_replicas(prefix: str, track: WatchedTrack) -> Alert:
    return Alert(
        f"{prefix}NoReplicas",
        f"{track.available} == 0",
        "critical",
        f"no replica of {track.named} is available",
        5,
        track.labels,
    )


def _restarts(prefix: str, track: WatchedTrack) -> Alert:
    return Alert(
        f"{prefix}Restarts",
        f"sum(increase({metric('restarts')}{{{track.containers}}}[30m])) > 2",
        "warning",
        f"servers of {track.named} restarted {{{{ $value | humanize }}}} times in half an hour",
        1,
        track.labels,
    )


def _latency(prefix: str, thresholds: ModelThresholds, track: WatchedTrack) -> Iterator[Alert]:
    """From the gateway's histogram: quantiles of single servers do not add up. Where no route of ours leads to the
    model, from the buckets of its servers, which do, if they have any."""
    p99 = _asked(track, "p99_ms")
    if track.clusters is not None:
        buckets = f'sum by (le) (rate({metric("gateway_ms")}{{envoy_cluster_name=~"{track.clusters}"}}[5m]))'
        p99 = f"histogram_quantile(0.99, {buckets})"
    if thresholds.p99_ms is not None and p99 is not None:
        yield Alert(
            f"{prefix}LatencyP99",
            f"{p99} > {thresholds.p99_ms:g}",
            "critical",
            f"the 99th percentile of {track.named} is {{{{ $value | humanize }}}} ms; "
            f"{thresholds.p99_ms:g} ms are promised",
            thresholds.for_minutes,
            track.labels,
        )


def _failed_by_triton(track: WatchedTrack) -> str:
    failed = f'sum by (model) (rate({metric("failed")}{{{track.series},reason!="CANCELED"}}[5m]))'
    return f"max({failed} / (({failed} + {_succeeded(track)}) > 0))"


def _queued_in_triton(track: WatchedTrack) -> str:
    queued_us = f"sum by (model) (rate({metric('queue_us')}{{{track.series}}}[5m]))"
    return f"max({queued_us} / ({_succeeded(track)} > 0)) / 1000"


def _succeeded(track: WatchedTrack) -> str:
    return f"sum by (model) (rate({metric('succeeded')}{{{track.series}}}[5m]))"


def _told(track: WatchedTrack) -> str:
    """A series that is there as long as Prometheus reaches a server. Other servers than Triton make theirs when the
    first request comes."""
    if track.measured == "triton":
        return f"{metric('succeeded')}{{{track.series}}}"
    return f"up{{{track.targets}}} == 1"


def _asked(track: WatchedTrack, signal: HealthSignal) -> str | None:
    return server_query(track.measured, signal, track.series)
