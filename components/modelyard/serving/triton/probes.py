"""Probes and the time that a server gets to start and to stop.

Paths follow Triton's health endpoints (KServe's Open Inference Protocol). All of them ask whether the whole server is
ready: under strict readiness that is every model of the repository, and from release 26.04 on every process of a Python
model too. An ensemble's own readiness says nothing of the models that it is composed of.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from .served_model import HTTP_PORT, ServedModel

EXIT_TIMEOUT_SECONDS = 60
"""Triton lets requests in flight finish for at least so long."""
DRAIN_SECONDS = 15
"""Between the pod's removal from its Service and the signal to stop: proxies need a moment to notice, and Triton
accepts no new connection from the signal on. They close theirs meanwhile, and Triton, which counts idle connections
too, has nothing left to wait for."""
MIN_READY_SECONDS = 10
"""A new pod counts as there when it has been ready for so long: proxies know it before an old one goes."""

_PERIOD_SECONDS = 5
_UNKNOWN_SIZE_GIB = 20
_BYTES_PER_GIB = 1024**3


_STUCK_SECONDS = 300
"""A server that is not ready for so long is started again. It gets no requests meanwhile, so one that was only busy has
recovered by then; a Python model whose process has crashed answers every request with an error and never recovers."""


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
    """``startupProbe``, ``livenessProbe`` and ``readinessProbe`` of the server's container.

    Triton is alive whatever its models do, so the liveness probe asks for readiness, with more patience than any
    request is given.
    """
    stuck_seconds = max(_STUCK_SECONDS, model.request_timeout_seconds + 60)
    return {
        "startupProbe": _ready(period=_PERIOD_SECONDS, failures=ceil(load_seconds(model) / _PERIOD_SECONDS)),
        "livenessProbe": _ready(period=10, failures=ceil(stuck_seconds / 10)),
        "readinessProbe": _ready(period=_PERIOD_SECONDS, failures=3),
    }


def _ready(*, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": "/v2/health/ready", "port": HTTP_PORT},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }
