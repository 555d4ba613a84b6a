"""Probes and the time that a server gets to start and to stop.

Paths follow Triton's health endpoints (KServe's Open Inference Protocol).
"""

from __future__ import annotations

from math import ceil
from typing import Any

from .served_model import HTTP_PORT, ServedModel

EXIT_TIMEOUT_SECONDS = 60
"""Triton lets requests in flight finish for at least so long."""
DRAIN_SECONDS = 15
"""Between the pod's removal from its Service and the signal to stop: proxies need a moment to notice, and Triton
refuses every new request from the signal on."""
MIN_READY_SECONDS = 10
"""A new pod counts as there when it has been ready for so long: proxies know it before an old one goes."""

_PERIOD_SECONDS = 5
_UNKNOWN_SIZE_GIB = 20
_BYTES_PER_GIB = 1024**3


def load_seconds(model: ServedModel) -> int:
    """Time for the server to load the model: five minutes, and one more for each GiB of it.

    A model of unknown size counts as 20 GiB.
    """
    size = model.stored.size_bytes
    gib = _UNKNOWN_SIZE_GIB if size is None else ceil(size / _BYTES_PER_GIB)
    return 300 + 60 * gib


def pod_start_seconds(model: ServedModel) -> int:
    """Time for a pod to become ready: ten minutes for a new GPU node, twenty for the image, the download of the
    model at as little as 17 MiB a second, and loading."""
    return 600 + 1200 + 2 * load_seconds(model) - 300


def exit_timeout_seconds(model: ServedModel) -> int:
    """Time for requests in flight: as long as the gateway gives one request, at least :data:`EXIT_TIMEOUT_SECONDS`."""
    return max(EXIT_TIMEOUT_SECONDS, model.request_timeout_seconds)


def termination_grace_seconds(model: ServedModel) -> int:
    """Time for a pod to stop before it is killed: the sleep before the signal, requests in flight, and 15 s for models
    to unload."""
    return DRAIN_SECONDS + exit_timeout_seconds(model) + 15


def probes(model: ServedModel) -> dict[str, Any]:
    """``startupProbe``, ``livenessProbe`` and ``readinessProbe`` of the server's container."""
    return {
        "startupProbe": _probe(
            "/v2/health/ready", period=_PERIOD_SECONDS, failures=ceil(load_seconds(model) / _PERIOD_SECONDS)
        ),
        "livenessProbe": _probe("/v2/health/live", period=10, failures=6),
        "readinessProbe": _probe(f"/v2/models/{model.name}/ready", period=_PERIOD_SECONDS, failures=3),
    }


def _probe(path: str, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": HTTP_PORT},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }
