"""The container: the server's arguments, the model read-only, ports of loopback alone, nobody's rights."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

from ...governance.ownership import Ownership, OwnershipArgs
from ..workload.server import REPOSITORY
from .declaration import LocalModelServerDeclaration
from .health_check import health_check

LOOPBACK = "127.0.0.1"


def container(declared: LocalModelServerDeclaration, repository: Path) -> dict[str, Any]:
    """Arguments of ``docker.Container``, in Python's spelling, but for the image.

    Docker's own process is the first of the container (``init``): TensorFlow Serving, as the first one, would not hear
    the signal to stop. What starts again and again is never healthy, and ends the wait after its time.

    Args:
        declared: the arguments.
        repository: an absolute path of this machine.
    """
    runtime = declared.local_runtime()
    memory_mib = ceil(declared.memory_gib * 1024)
    given: dict[str, Any] = {
        "name": f"modelyard-{declared.model}",
        "command": list(runtime.command),
        "envs": [f"{name}={value}" for name, value in {"HOME": "/tmp", **declared.env}.items()],
        "ports": _ports(declared),
        "volumes": [{"host_path": str(repository), "container_path": REPOSITORY, "read_only": True}],
        "uploads": [
            {"file": path, "content": content, "permissions": "0444"} for path, content in runtime.files.items()
        ],
        "user": f"{runtime.user}:{runtime.user}",
        "capabilities": {"drops": ["ALL"]},
        "security_opts": ["no-new-privileges:true"],
        "memory": memory_mib,
        # As much as memory: none of it is swap.
        "memory_swap": memory_mib,
        "shm_size": runtime.shared_memory_mib,
        "init": True,
        "restart": declared.restart,
        "healthcheck": {
            "tests": health_check(runtime.ready_path, runtime.http_port),
            "interval": "5s",
            "timeout": "5s",
            "retries": 3,
            "start_period": f"{declared.start_timeout_seconds}s",
        },
        "must_run": True,
        "wait": True,
        "wait_timeout": declared.start_timeout_seconds,
        "labels": [{"label": name, "value": value} for name, value in _labels(declared).items()],
    }
    if runtime.entrypoint:
        given["entrypoints"] = list(runtime.entrypoint)
    if declared.gpus:
        given["gpus"] = "all"
    return given


def _ports(declared: LocalModelServerDeclaration) -> list[dict[str, Any]]:
    runtime = declared.local_runtime()
    return [
        {"internal": getattr(runtime, name), "external": port, "ip": LOOPBACK, "protocol": "tcp"}
        for name, port in declared.ports.items()
    ]


def _labels(declared: LocalModelServerDeclaration) -> dict[str, str]:
    own = {"app.kubernetes.io/name": declared.runtime.replace("_", "-"), "modelyard.dev/model": declared.model}
    if declared.ownership is None:
        return {"app.kubernetes.io/managed-by": "modelyard", **own}
    ownership: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    return {**Ownership.of(ownership).of_model(declared.model).kubernetes_labels(), **own}
