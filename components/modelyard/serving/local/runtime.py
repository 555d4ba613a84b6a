"""Servers that a container of this machine runs: what each listens on, is started with and is asked for its health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...catalog import images, runtimes
from ..tfserving import server as tensorflow_serving
from ..tfserving.server_options import ServerOptions
from ..triton import server as triton
from ..workload.server import REPOSITORY, SETTINGS

NAMES = ("tensorflow_serving", "triton")


@dataclass(frozen=True, slots=True)
class LocalRuntime:
    """One server, configured for one model."""

    image: str
    http_port: int
    """Inside the container, as all ports here."""
    grpc_port: int
    metrics_port: int
    """The HTTP port's number where the server has no other."""
    metrics_path: str
    ready_path: str
    predict_path: str
    """Where a request is sent to, below the server's address."""
    user: int
    entrypoint: tuple[str, ...] = ()
    """Empty: the image's."""
    command: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """Configuration by its path in the container."""
    shared_memory_mib: int = 64


def local_runtime(
    name: str,
    model: str,
    *,
    version: int,
    versions: Sequence[int],
    gpus: bool = False,
    options: ServerOptions | None = None,
) -> LocalRuntime:
    """The server of this name (:data:`NAMES`).

    Args:
        name: of the runtime.
        model: as callers name it.
        version: the one that the predict path names, where several are served.
        versions: those that are served.
        gpus: whether the container gets GPUs.
        options: of TensorFlow Serving.
    """
    return _triton(model) if name == "triton" else _tensorflow_serving(model, version, versions, gpus, options)


def _tensorflow_serving(
    model: str, version: int, versions: Sequence[int], gpus: bool, options: ServerOptions | None
) -> LocalRuntime:
    made = tensorflow_serving.server(
        model, image="", version=version, versions=versions, options=options or ServerOptions()
    )
    below = f"/v1/models/{model}" if len(versions) == 1 else f"/v1/models/{model}/versions/{version}"
    return LocalRuntime(
        image=images.get("tensorflow-serving-gpu" if gpus else "tensorflow-serving").pinned,
        http_port=tensorflow_serving.REST_PORT,
        grpc_port=tensorflow_serving.GRPC_PORT,
        metrics_port=tensorflow_serving.REST_PORT,
        metrics_path=made.metrics_path,
        ready_path=made.ready.path,
        predict_path=f"{below}:predict",
        user=made.user,
        entrypoint=made.command,
        command=made.args,
        files={f"{SETTINGS}/{name}": content for name, content in made.settings.items()},
    )


def _triton(model: str) -> LocalRuntime:
    return LocalRuntime(
        image=runtimes.get("triton").reference,
        http_port=triton.HTTP_PORT,
        grpc_port=triton.GRPC_PORT,
        metrics_port=triton.METRICS_PORT,
        metrics_path="/metrics",
        ready_path="/v2/health/ready",
        predict_path=f"/v2/models/{model}/infer",
        user=triton.USER,
        command=(
            "tritonserver",
            f"--model-repository={REPOSITORY}",
            "--model-control-mode=none",
            "--strict-readiness=true",
            "--exit-on-error=true",
            f"--http-port={triton.HTTP_PORT}",
            f"--grpc-port={triton.GRPC_PORT}",
            f"--metrics-port={triton.METRICS_PORT}",
        ),
        shared_memory_mib=256,
    )
