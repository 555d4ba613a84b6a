"""Triton's container: its arguments, ports, health and the paths that callers may ask.

Health follows the Open Inference Protocol. Every probe asks whether the whole server is ready: under strict readiness
that is every model of the repository, and from release 26.04 on every process of a Python model too. An ensemble's own
readiness says nothing of the models that it is composed of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...capacity.software.prometheus_adapter import QUEUE_METRIC
from ..workload.probes import EXIT_TIMEOUT_SECONDS, exit_timeout_seconds
from ..workload.server import GRPC, REPOSITORY, Health, PathMatch, Port, Route, Server
from .restricted_endpoints import KEY_VARIABLE
from .restricted_endpoints import arguments as restricted_arguments
from .server_options import NO_OPTIONS, ServerOptions

HTTP_PORT = 8000
GRPC_PORT = 8001
METRICS_PORT = 8002
USER = 1000
"""uid of ``triton-server``, the user that NVIDIA's images create for running without root."""


def server(
    model: str,
    *,
    image: Any,
    versions: Sequence[int],
    options: ServerOptions = NO_OPTIONS,
    request_timeout_seconds: int = EXIT_TIMEOUT_SECONDS,
) -> Server:
    """Triton with the repository of one model.

    Its command stays the image's entrypoint, which puts CUDA's forward-compatibility libraries in the loader's path
    where the node's driver is older than the image.
    """
    return Server(
        runtime="triton",
        image=image,
        ports=(
            Port("http", HTTP_PORT, "gateway", "http"),
            Port("grpc", GRPC_PORT, "gateway", GRPC),
            Port("metrics", METRICS_PORT, "prometheus"),
        ),
        routes=_routes(model, versions),
        ready=Health("/v2/health/ready", HTTP_PORT),
        user=USER,
        args=tuple(arguments(options, exit_timeout_seconds=exit_timeout_seconds(request_timeout_seconds))),
        env=({"name": KEY_VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},),
        scaling_metric=QUEUE_METRIC,
    )


def arguments(options: ServerOptions = NO_OPTIONS, *, exit_timeout_seconds: int = EXIT_TIMEOUT_SECONDS) -> list[str]:
    """The command line: one repository, loaded whole before the server is ready and never changed after.

    Every model of the repository is loaded, in the versions that its version policy names: several versions answer
    side by side where it names several. Latency summaries stay off: they cost throughput and their quantiles do not
    add up over replicas; percentiles come from the gateway.
    """
    return [
        "tritonserver",
        f"--model-repository={REPOSITORY}",
        "--model-control-mode=none",
        "--strict-readiness=true",
        "--exit-on-error=true",
        f"--exit-timeout-secs={exit_timeout_seconds}",
        f"--http-port={HTTP_PORT}",
        f"--grpc-port={GRPC_PORT}",
        f"--metrics-port={METRICS_PORT}",
        *restricted_arguments(),
        *options.arguments(),
    ]


def _routes(model: str, versions: Sequence[int]) -> tuple[Route, ...]:
    """HTTP and gRPC: inference, then metadata and health of this model."""
    below = f"/v2/models/{model}"
    infer = [
        f"{below}/infer",
        *(f"{below}/versions/{version}/infer" for version in versions),
        f"{below}/generate",
        f"{below}/generate_stream",
    ]
    asked = (PathMatch("PathPrefix", below), PathMatch("PathPrefix", "/v2/health"), PathMatch("Exact", "/v2"))
    about = ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata")
    return (
        Route(HTTP_PORT, tuple(PathMatch("Exact", path) for path in infer), inference=True),
        Route(GRPC_PORT, _grpc("ModelInfer", "ModelStreamInfer"), inference=True),
        Route(HTTP_PORT, asked),
        Route(GRPC_PORT, _grpc(*about)),
    )


def _grpc(*methods: str) -> tuple[PathMatch, ...]:
    return tuple(PathMatch("Exact", f"/inference.GRPCInferenceService/{method}") for method in methods)
