"""TorchServe's container: what it runs, its ports, its health and the paths that callers may ask.

Ready is what ``ready.py`` says, which asks the management API on loopback: ``/ping`` says yes before a worker has
loaded its model and counts the default version alone, and the health endpoints of the Open Inference Protocol say yes
as long as TorchServe 0.12 runs. ``/ping`` says whether it is alive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

from ..workload.probes import DRAIN_SECONDS, EXIT_TIMEOUT_SECONDS, seconds_to_load
from ..workload.server import GRPC, SETTINGS, Health, PathMatch, Port, Route, Server
from .archived_version import ArchivedVersion
from .config_properties import Places, config_properties

HTTP_PORT = 8080
MANAGEMENT_PORT = 8081
METRICS_PORT = 8082
GRPC_PORT = 7070
GRPC_MANAGEMENT_PORT = 7071
READY_PORT = 8083
USER = 1000
"""uid of ``model-server``, the user that the image's Dockerfile creates on a base image without others."""

Protocol = Literal["open_inference", "torchserve"]
OPEN_INFERENCE: Protocol = "open_inference"
OPEN_INFERENCE_GRPC = "org.pytorch.serve.grpc.openinference.GRPCInferenceService"
"""Not the name that the protocol gives the service, ``inference.GRPCInferenceService``: clients of the protocol do not
find it, and it reads lists of values where they send raw tensors."""

CONFIG_FILE = "config.properties"
METRICS_FILE = "metrics.yaml"
READY = "ready.py"
LOG_CONFIG = "log4j2.xml"
DRAIN = "MODELYARD_DRAIN_SECONDS"
_WORKER_SECONDS = 120
VARIABLES = {
    # Overrules --ts-config, so that it must not be another's.
    "TS_CONFIG_FILE": f"{SETTINGS}/{CONFIG_FILE}",
    "MODELYARD_LOG_CONFIG": f"{SETTINGS}/{LOG_CONFIG}",
    "MODELYARD_READY": f"{SETTINGS}/{READY}",
    # Archives are unpacked below TEMP, the image's is below its read-only home.
    "TEMP": "/tmp",
    "TMPDIR": "/tmp",
    "LOG_LOCATION": "/tmp/logs",
    "METRICS_LOCATION": "/tmp/logs",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one TorchServe loads."""

    model: str
    versions: tuple[ArchivedVersion, ...]
    default: int
    """Version that calls without a version get."""
    model_store: str
    protocol: Protocol = OPEN_INFERENCE
    properties: Mapping[str, str] = field(default_factory=dict)
    """The user's."""
    metrics: str | None = None
    """The user's metrics file; None: TorchServe's own."""


def server(
    loaded: Loaded,
    *,
    image: Any,
    cpu: float,
    request_timeout_seconds: int = EXIT_TIMEOUT_SECONDS,
    size_bytes: int | None = 0,
) -> Server:
    """TorchServe with the archives of one model.

    ``cpu`` is how many cores a pod asks for: TorchServe would count the node's for its threads. A pod that is told to
    stop goes on for ``request_timeout_seconds`` since it left its Service, after which no caller waits any more.
    ``size_bytes`` is that of the archives, None where it is not known: a worker gets as long to load them as the pod.
    """
    places = Places(loaded.model_store, metrics_file=f"{SETTINGS}/{METRICS_FILE}" if loaded.metrics else None)
    threads = str(max(2, ceil(cpu)))
    given = {
        "number_of_netty_threads": threads,
        "netty_client_threads": threads,
        **_time_to_load(size_bytes),
        **loaded.properties,
    }
    draining = str(max(0, request_timeout_seconds - DRAIN_SECONDS))
    return Server(
        runtime="torchserve",
        image=image,
        ports=(
            Port("http", HTTP_PORT, "gateway", "http"),
            Port("grpc", GRPC_PORT, "gateway", GRPC),
            Port("metrics", METRICS_PORT, "prometheus"),
            Port("ready", READY_PORT, "nobody"),
            Port("management", MANAGEMENT_PORT, "nobody"),
            Port("grpc-management", GRPC_MANAGEMENT_PORT, "nobody"),
        ),
        routes=_routes(loaded),
        ready=Health("/ready", READY_PORT),
        live=Health("/ping", HTTP_PORT),
        user=USER,
        command=("/bin/sh", "-c", start_script(), "torchserve"),
        args=ready_arguments(loaded, places),
        env=tuple({"name": name, "value": value} for name, value in (*VARIABLES.items(), (DRAIN, draining))),
        settings=settings_files(loaded, places, given),
    )


def _time_to_load(size_bytes: int | None) -> dict[str, str]:
    """Nothing where TorchServe's own 120 s will do, after which it starts a worker again (``default_startup_timeout``
    of its "Advanced configuration")."""
    seconds = seconds_to_load(size_bytes)
    return {"default_startup_timeout": str(seconds)} if seconds - seconds_to_load(0) > _WORKER_SECONDS else {}


def settings_files(loaded: Loaded, places: Places, properties: Mapping[str, str]) -> dict[str, str]:
    """The container's configuration files, by name."""
    files = {
        CONFIG_FILE: _configuration(loaded, places, properties),
        READY: _text(READY),
        LOG_CONFIG: _text(LOG_CONFIG),
    }
    return files if loaded.metrics is None else {**files, METRICS_FILE: loaded.metrics}


def _configuration(loaded: Loaded, places: Places, properties: Mapping[str, str]) -> str:
    return config_properties(
        loaded.model,
        loaded.versions,
        default=loaded.default,
        open_inference=loaded.protocol == OPEN_INFERENCE,
        places=places,
        given=properties,
    )


def ready_arguments(loaded: Loaded, places: Places) -> tuple[str, ...]:
    """Arguments of ``start.sh``: where readiness is told, where it is asked, and of what."""
    versions = (each.model_version for each in loaded.versions)
    return (f"{places.bind}:{places.ready_port}", str(places.management_port), loaded.model, *versions)


@cache
def start_script() -> str:
    """``start.sh`` without its comments, since every Deployment holds it."""
    lines = _text("start.sh").splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#"))


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _routes(loaded: Loaded) -> tuple[Route, ...]:
    """Inference over HTTP and gRPC, then health. ``/models`` and ``/`` of this port describe and list; nobody outside
    needs them. A version is named in ``/predictions`` alone: TorchServe answers 501 to one in a path of ``/v2``."""
    model, protocol = loaded.model, loaded.protocol
    versions = [each.model_version for each in loaded.versions]
    paths = [f"/predictions/{model}", *(f"/predictions/{model}/{version}" for version in versions)]
    if protocol == OPEN_INFERENCE:
        paths.insert(0, f"/v2/models/{model}/infer")
        service, asked, about = OPEN_INFERENCE_GRPC, ("ModelInfer",), ("ServerLive", "ModelReady")
    else:
        service, about = "org.pytorch.serve.grpc.inference.InferenceAPIsService", ("Ping",)
        asked = ("Predictions", "StreamPredictions", "StreamPredictions2")
    return (
        Route(HTTP_PORT, _exact(paths), inference=True),
        Route(GRPC_PORT, _exact([f"/{service}/{method}" for method in asked]), inference=True),
        Route(HTTP_PORT, _exact(["/ping"])),
        Route(GRPC_PORT, _exact([f"/{service}/{method}" for method in about])),
    )


def _exact(paths: Sequence[str]) -> tuple[PathMatch, ...]:
    return tuple(PathMatch("Exact", path) for path in paths)
