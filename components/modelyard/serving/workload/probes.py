"""Probes and the time that a server gets to start and to stop. All of them ask whether every model can be asked."""

from __future__ import annotations

from math import ceil
from typing import Any

from .server import Health
from .workload import Workload

EXIT_TIMEOUT_SECONDS = 60
"""Requests in flight may finish for at least so long."""
DRAIN_SECONDS = 15
"""Between the pod's removal from its Service and the signal to stop: proxies need a moment to notice, and a server
accepts no new connection from the signal on. They close theirs meanwhile, and a server that counts idle connections
too, as Triton does, has nothing left to wait for."""
MIN_READY_SECONDS = 10
"""A new pod counts as there when it has been ready for so long: proxies know it before an old one goes."""

_PERIOD_SECONDS = 5
_UNKNOWN_SIZE_GIB = 20
_BYTES_PER_GIB = 1024**3
_STUCK_SECONDS = 300
"""A server that is not ready for so long is started again. It gets no requests meanwhile, so one that was only busy has
recovered by then; one that answers every request with an error (a Python model of Triton whose process has crashed)
never recovers."""


def load_seconds(workload: Workload) -> int:
    """Time for the server to load the model."""
    return seconds_to_load(workload.stored.size_bytes)


def seconds_to_load(size_bytes: int | None) -> int:
    """Five minutes, and one more for each GiB of the model; one of unknown size counts as 20 GiB."""
    gib = _UNKNOWN_SIZE_GIB if size_bytes is None else ceil(size_bytes / _BYTES_PER_GIB)
    return 300 + 60 * gib


def pod_start_seconds(workload: Workload) -> int:
    """Time for a pod to become ready: ten minutes for a new GPU node, twenty for the image, the download of the
    model at as little as 17 MiB a second, and loading."""
    return 600 + 1200 + 2 * load_seconds(workload) - 300


def exit_timeout_seconds(request_timeout_seconds: int) -> int:
    """Time for requests in flight: as long as the gateway gives one request, at least :data:`EXIT_TIMEOUT_SECONDS`."""
    return max(EXIT_TIMEOUT_SECONDS, request_timeout_seconds)


def termination_grace_seconds(workload: Workload) -> int:
    """Time for a pod to stop before it is killed: the sleep before the signal, requests in flight, and 15 s for models
    to unload."""
    return DRAIN_SECONDS + exit_timeout_seconds(workload.request_timeout_seconds) + 15


def probes(workload: Workload) -> dict[str, Any]:
    """``startupProbe``, ``livenessProbe`` and ``readinessProbe`` of the server's container.

    A server that has no word for being alive is asked whether it is ready, with more patience than any request is
    given.
    """
    server = workload.server
    stuck_seconds = max(_STUCK_SECONDS, workload.request_timeout_seconds + 60)
    return {
        "startupProbe": _asked(
            server.ready, period=_PERIOD_SECONDS, failures=ceil(load_seconds(workload) / _PERIOD_SECONDS)
        ),
        "livenessProbe": _asked(server.live or server.ready, period=10, failures=ceil(stuck_seconds / 10)),
        "readinessProbe": _asked(server.ready, period=_PERIOD_SECONDS, failures=3),
    }


def _asked(health: Health, *, period: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": health.path, "port": health.port},
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }
