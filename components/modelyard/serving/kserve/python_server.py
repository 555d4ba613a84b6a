"""KServe's own Python servers: one for scikit-learn, one for XGBoost.

They read one file from a folder: ``*.joblib``, ``*.pkl`` or ``*.pickle``, and ``*.bst``, ``*.json`` or ``*.ubj``.
Follows ``model_server.py`` and the servers' ``model.py`` of kserve/kserve v0.20.0.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from ..workload.server import GRPC, Health, PathMatch, Port, Route, Server

HTTP_PORT = 8080
GRPC_PORT = 8081
USER = 1000
"""uid of ``kserve``, the user that the images create."""
KEEP_ALIVE_SECONDS = 3900
"""Longer than Envoy keeps an idle connection, an hour: a server that closes first answers the next request with 503."""


def python_server(runtime: str, model: str, *, image: Any, folder: str, cpu: float) -> Server:
    """A server of one model in one folder.

    Metrics have no port of their own: Prometheus reaches the port of requests.

    Args:
        runtime: ``sklearnserver`` or ``xgbserver``.
        model: as callers name it.
        image: may be a Pulumi output.
        folder: that holds the model's one file.
        cpu: cores that a pod asks for: XGBoost would take every one of the node.
    """
    args = [
        f"--model_name={model}",
        f"--model_dir={folder}",
        f"--http_port={HTTP_PORT}",
        f"--grpc_port={GRPC_PORT}",
        f"--timeout-keep-alive={KEEP_ALIVE_SECONDS}",
    ]
    if runtime == "xgbserver":
        args.append(f"--nthread={max(1, ceil(cpu))}")
    return Server(
        runtime=runtime,
        image=image,
        ports=(
            Port("http", HTTP_PORT, "gateway", "http"),
            Port("grpc", GRPC_PORT, "gateway", GRPC),
        ),
        routes=inference_routes(model, HTTP_PORT, GRPC_PORT, predict=True),
        ready=Health("/v2/health/ready", HTTP_PORT),
        live=Health("/v2/health/live", HTTP_PORT),
        user=USER,
        args=tuple(args),
    )


def inference_routes(model: str, http_port: int, grpc_port: int, *, predict: bool) -> tuple[Route, ...]:
    """The Open Inference Protocol of one model over HTTP and gRPC; with ``predict`` TensorFlow's REST too.

    Repository calls, which load and unload, have no way in.
    """
    below = f"/v2/models/{model}"
    asked = [f"{below}/infer", *([f"/v1/models/{model}:predict"] if predict else [])]
    about = [below, f"{below}/ready", "/v2/health/live", "/v2/health/ready", "/v2"]
    about += [f"/v1/models/{model}"] if predict else []
    service = "/inference.GRPCInferenceService"
    metadata = ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata")
    return (
        Route(http_port, _exact(*asked), inference=True),
        Route(grpc_port, _exact(f"{service}/ModelInfer"), inference=True),
        Route(http_port, _exact(*about)),
        Route(grpc_port, _exact(*(f"{service}/{method}" for method in metadata))),
    )


def _exact(*paths: str) -> tuple[PathMatch, ...]:
    return tuple(PathMatch("Exact", path) for path in paths)
