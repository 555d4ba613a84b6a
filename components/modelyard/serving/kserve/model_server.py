"""The server of an InferenceService's predictor: one of six, each with its model below one folder.

Triton, TensorFlow Serving and TorchServe are configured as where their Deployments are ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...catalog import images, runtimes
from ..workload.server import REPOSITORY, Server
from .mlserver import mlserver
from .python_server import python_server

STORAGE_URI_FOLDER = "/mnt/models"
"""Where KServe's own initializer and its model cache put what ``storageUri`` names."""

ONE_VERSION = ("torchserve", "mlserver", "sklearnserver", "xgbserver")
"""Servers that read one folder or archive, and serve one version."""


def model_server(
    runtime: str,
    model: str,
    *,
    format: str,
    image: Any,
    version: int,
    versions: Sequence[int],
    cpu: float,
    repository: str = REPOSITORY,
    request_timeout_seconds: int = 60,
    size_bytes: int | None = 0,
) -> Server:
    """The server, configured.

    Args:
        runtime: triton, tensorflow_serving, torchserve, mlserver, sklearnserver or xgbserver.
        model: as callers name it.
        format: of the model, which the runtime serves.
        image: may be a Pulumi output.
        version: the one that callers get who name none.
        versions: those that are served.
        cpu: cores that a pod asks for.
        repository: folder that holds ``<model>/<version>/``, or, for TorchServe, ``<model>.mar``.
        request_timeout_seconds: the gateway ends a request after so long.
        size_bytes: of the model's files; None: unknown.
    """
    folder = f"{repository}/{model}/{version}"
    if runtime == "triton":
        return _triton(model, image, versions, repository, request_timeout_seconds)
    if runtime == "tensorflow_serving":
        return _tensorflow_serving(model, image, version, versions, repository, request_timeout_seconds)
    if runtime == "torchserve":
        return _torchserve(model, image, version, cpu, repository, size_bytes)
    if runtime == "mlserver":
        return mlserver(model, image=image, format=format, folder=folder)
    return python_server(runtime, model, image=image, folder=folder, cpu=cpu)


def http_port(runtime: str, format: str) -> int:
    """Port of the pods that requests over HTTP go to: the first one of each server."""
    made = model_server(runtime, "model", format=format, image=None, version=1, versions=[1], cpu=1)
    return made.ports[0].number


def default_image(runtime: str, format: str, gpus: int) -> str:
    """The catalogue's image of the runtime, by digest where one is known."""
    if runtime == "triton":
        return runtimes.get("triton").reference
    if runtime == "tensorflow_serving":
        return images.get("tensorflow-serving-gpu" if gpus else "tensorflow-serving").pinned
    if runtime == "torchserve":
        return images.get("torchserve-gpu" if gpus else "torchserve-cpu").pinned
    if runtime == "mlserver" and format == "mlflow":
        return images.get("mlserver-mlflow").pinned
    return images.get(runtime).pinned


def _triton(model: str, image: Any, versions: Sequence[int], repository: str, request_timeout_seconds: int) -> Server:
    from ..triton.server import server

    made = server(model, image=image, versions=versions, request_timeout_seconds=request_timeout_seconds)
    moved = (f"--model-repository={repository}" if arg.startswith("--model-repository=") else arg for arg in made.args)
    return replace(made, args=tuple(moved))


def _tensorflow_serving(
    model: str, image: Any, version: int, versions: Sequence[int], repository: str, request_timeout_seconds: int
) -> Server:
    from ..tfserving.server import server, settings

    made = server(
        model, image=image, version=version, versions=versions, request_timeout_seconds=request_timeout_seconds
    )
    return replace(made, settings=settings(model, versions, repository=repository))


def _torchserve(model: str, image: Any, version: int, cpu: float, repository: str, size_bytes: int | None) -> Server:
    from ..torchserve.archived_version import ArchivedVersion
    from ..torchserve.server import Loaded, server

    archived = ArchivedVersion(version, f"{version}.0", f"{model}.mar")
    return server(Loaded(model, (archived,), version, repository), image=image, cpu=cpu, size_bytes=size_bytes)
