"""The container that serves: the runtime's arguments and environment, the model's resources, nobody's rights."""

from __future__ import annotations

from typing import Any

from ...governance.pod_security import RESTRICTED
from .gpu_claim import REQUEST, claims
from .probes import DRAIN_SECONDS, probes
from .quantities import cpu, gibibytes
from .server import REPOSITORY, SETTINGS
from .settings_files import settings_name
from .streamed_weights import is_streamed, pod_mounts
from .workload import Workload


def container(workload: Workload, secret_name: Any = None) -> dict[str, Any]:
    """The container, named as its runtime.

    ``secret_name`` names the Secret that holds ``workload.secret_env``; it may be a Pulumi output.
    """
    server = workload.server
    started: dict[str, Any] = {"command": list(server.command)} if server.command else {}
    if server.args:
        started["args"] = list(server.args)
    return {
        "name": server.runtime,
        "image": server.image,
        **started,
        "env": _environment(workload, secret_name),
        "ports": [{"name": port.name, "containerPort": port.number, "protocol": "TCP"} for port in server.ports],
        **probes(workload),
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "resources": _resources(workload),
        "securityContext": RESTRICTED,
        "volumeMounts": _mounts(workload),
    }


def _environment(workload: Workload, secret_name: Any) -> list[dict[str, Any]]:
    fixed: list[dict[str, Any]] = [
        *(dict(each) for each in workload.server.env),
        # Servers and their libraries write below the home directory.
        {"name": "HOME", "value": "/tmp"},
    ]
    plain = [{"name": name, "value": value} for name, value in workload.env.items()]
    secret = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret_name, "key": name}}}
        for name in workload.secret_env
    ]
    return [*fixed, *plain, *secret]


def _mounts(workload: Workload) -> list[dict[str, Any]]:
    copied = {"name": "models", "mountPath": REPOSITORY, "subPath": REPOSITORY.removeprefix("/"), "readOnly": True}
    mounts: list[dict[str, Any]] = [
        *(pod_mounts(workload) if is_streamed(workload) else [copied]),
        {"name": "shared-memory", "mountPath": "/dev/shm"},
        {"name": "scratch", "mountPath": "/tmp"},
    ]
    if settings_name(workload) is not None:
        mounts.append({"name": "settings", "mountPath": SETTINGS, "readOnly": True})
    return mounts


def _resources(workload: Workload) -> dict[str, Any]:
    """Memory and GPUs are limited to what is asked for; CPU has no limit, since throttling shows as latency.

    Slices of a GPU are a resource of their own (NVIDIA device plugin, MIG strategy ``mixed``), which spells the ``+``
    of a profile as a dot. GPUs that are claimed are no resource: the container names the pod's claim.
    """
    share = workload.share
    limits = {"memory": gibibytes(share.memory_gib)}
    if claims(workload):
        requests = {"cpu": cpu(share.cpu), **limits}
        return {"requests": requests, "limits": limits, "claims": [{"name": REQUEST}]}
    if share.gpus:
        mig = share.mig_profile
        limits[share.device if mig is None else f"nvidia.com/mig-{mig.replace('+', '.')}"] = str(share.gpus)
    return {"requests": {"cpu": cpu(share.cpu), **limits}, "limits": limits}
