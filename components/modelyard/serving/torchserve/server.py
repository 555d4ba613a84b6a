"""TorchServe's container: what it runs, its ports, its health and the paths that callers may ask.

Ready is ``/ping``, which counts the workers of the default version alone: other versions side by side, and an archive
that was never loaded, leave it healthy. ``start.sh`` ends the container in the second case. The health endpoints of
the Open Inference Protocol are no use: TorchServe 0.12 answers yes to both as long as it runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

from ..workload.server import SETTINGS, Health, PathMatch, Port, Route, Server
from .archived_version import ArchivedVersion
from .config_properties import Places, config_properties

HTTP_PORT = 8080
MANAGEMENT_PORT = 8081
METRICS_PORT = 8082
GRPC_PORT = 7070
GRPC_MANAGEMENT_PORT = 7071
USER = 1000
"""uid of ``model-server``, the user that the image's Dockerfile creates on a base image without others."""

Protocol = Literal["open_inference", "torchserve"]
OPEN_INFERENCE: Protocol = "open_inference"
OPEN_INFERENCE_GRPC = "org.pytorch.serve.grpc.openinference.GRPCInferenceService"
"""Not the name that the protocol gives the service, ``inference.GRPCInferenceService``: clients of the protocol do not
find it, and it reads lists of values where they send raw tensors."""

CONFIG_FILE = "config.properties"
METRICS_FILE = "metrics.yaml"
LOADED = "loaded.py"
LOG_CONFIG = "log4j2.xml"
VARIABLES = {
    # Overrules --ts-config, so that it must not be another's.
    "TS_CONFIG_FILE": f"{SETTINGS}/{CONFIG_FILE}",
    "MODELYARD_LOG_CONFIG": f"{SETTINGS}/{LOG_CONFIG}",
    "MODELYARD_LOADED": f"{SETTINGS}/{LOADED}",
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


def server(loaded: Loaded, *, image: Any, cpu: float) -> Server:
    """TorchServe with the archives of one model.

    ``cpu`` is how many cores a pod asks for: TorchServe would count the node's for its threads.
    """
    places = Places(loaded.model_store, metrics_file=f"{SETTINGS}/{METRICS_FILE}" if loaded.metrics else None)
    threads = str(max(2, ceil(cpu)))
    given = {"number_of_netty_threads": threads, "netty_client_threads": threads, **loaded.properties}
    return Server(
        runtime="torchserve",
        image=image,
        ports=(
            Port("http", HTTP_PORT, "gateway", "http"),
            Port("grpc", GRPC_PORT, "gateway", "kubernetes.io/h2c"),
            Port("metrics", METRICS_PORT, "prometheus"),
            Port("management", MANAGEMENT_PORT, "nobody"),
            Port("grpc-management", GRPC_MANAGEMENT_PORT, "nobody"),
        ),
        routes=_routes(loaded),
        ready=Health("/ping", HTTP_PORT),
        user=USER,
        command=("/bin/sh", "-c", start_script(), "torchserve"),
        args=load_arguments(loaded, MANAGEMENT_PORT),
        env=tuple({"name": name, "value": value} for name, value in VARIABLES.items()),
        settings=settings_files(loaded, places, given),
    )


def settings_files(loaded: Loaded, places: Places, properties: Mapping[str, str]) -> dict[str, str]:
    """The container's configuration files, by name."""
    files = {
        CONFIG_FILE: _configuration(loaded, places, properties),
        LOADED: _text(LOADED),
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


def load_arguments(loaded: Loaded, management_port: int) -> tuple[str, ...]:
    """Arguments of ``start.sh``: what must be loaded, asked at this port of loopback."""
    return (str(management_port), loaded.model, *(each.model_version for each in loaded.versions))


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
