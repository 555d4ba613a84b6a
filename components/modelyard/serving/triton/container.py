"""The container that serves: Triton's arguments, environment, resources and rights."""

from __future__ import annotations

from typing import Any

from .probes import DRAIN_SECONDS, EXIT_TIMEOUT_SECONDS, exit_timeout_seconds, probes
from .quantities import cpu, gibibytes
from .restricted_endpoints import KEY_VARIABLE
from .restricted_endpoints import arguments as restricted_arguments
from .served_model import GRPC_PORT, HTTP_PORT, METRICS_PORT, ServedModel
from .server_options import NO_OPTIONS, ServerOptions

REPOSITORY = "/models"
"""Where the model repository is mounted."""

RESTRICTED: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
"""Container rights that the ``restricted`` Pod Security Standard asks for, and a root file system that stays as it
was built."""


def container(model: ServedModel, secret_name: Any = None) -> dict[str, Any]:
    """The container named ``triton``.

    ``secret_name`` names the Secret that holds ``model.secret_env``; it may be a Pulumi output.
    """
    return {
        "name": "triton",
        "image": model.image,
        # `args` alone keeps the image's entrypoint, which puts CUDA's forward-compatibility libraries in the
        # loader's path where the node's driver is older than the image.
        "args": arguments(model.options, exit_timeout_seconds=exit_timeout_seconds(model)),
        "env": _environment(model, secret_name),
        "ports": [
            {"name": "http", "containerPort": HTTP_PORT, "protocol": "TCP"},
            {"name": "grpc", "containerPort": GRPC_PORT, "protocol": "TCP"},
            {"name": "metrics", "containerPort": METRICS_PORT, "protocol": "TCP"},
        ],
        **probes(model),
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "resources": _resources(model),
        "securityContext": RESTRICTED,
        "volumeMounts": [
            {"name": "models", "mountPath": REPOSITORY, "subPath": REPOSITORY.removeprefix("/"), "readOnly": True},
            {"name": "shared-memory", "mountPath": "/dev/shm"},
            {"name": "scratch", "mountPath": "/tmp"},
        ],
    }


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


def _environment(model: ServedModel, secret_name: Any) -> list[dict[str, Any]]:
    fixed: list[dict[str, Any]] = [
        {"name": KEY_VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
        # Python backends and their libraries write below the home directory.
        {"name": "HOME", "value": "/tmp"},
    ]
    plain = [{"name": name, "value": value} for name, value in model.env.items()]
    secret = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name, "key": name}}} for name in model.secret_env
    ]
    return [*fixed, *plain, *secret]


def _resources(model: ServedModel) -> dict[str, Any]:
    """Memory and GPUs are limited to what is asked for; CPU has no limit, since throttling shows as latency.

    Slices of a GPU are a resource of their own (NVIDIA device plugin, MIG strategy ``mixed``), which spells the ``+``
    of a profile as a dot.
    """
    share = model.share
    limits = {"memory": gibibytes(share.memory_gib)}
    if share.gpus:
        resource = "gpu" if share.mig_profile is None else f"mig-{share.mig_profile.replace('+', '.')}"
        limits[f"nvidia.com/{resource}"] = str(share.gpus)
    return {"requests": {"cpu": cpu(share.cpu), **limits}, "limits": limits}
