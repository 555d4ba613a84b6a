"""What a model may not ask of Neuron devices and TPU chips.

Nothing chooses such a pool by itself: an image and a model are made for one kind of accelerator, so that a model names
the pool. Follows "Kubernetes environment setup for Neuron" (AWS Neuron documentation) and "Deploy TPU workloads in GKE
Standard" (GKE documentation).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalog.accelerators import get as accelerator
from ..catalog.served_accelerators import on_accelerator, servers_on
from ..environment.device import NAMED, NEURON, NEURON_CORE, NVIDIA, TPU
from ..environment.model import Model
from ..repository.checks.backend_name import backend_name
from ..repository.repository import Repository
from .finding import Finding
from .resolved_pool import ResolvedGpuPool


def unserved(model: Model, key: str, pool: ResolvedGpuPool) -> Iterator[Finding]:
    """Why the model's server does not run on the pool's accelerators; nothing of NVIDIA's.

    Args:
        model: as declared.
        key: by which it names the pool.
        pool: of Neuron devices or TPU chips.
    """
    resource = accelerator(pool.accelerator).resource
    if resource == NVIDIA:
        return
    where = f"{pool.declared.name!r} has {pool.accelerator}"
    able = " or ".join(servers_on(resource))
    row = on_accelerator(model.server, resource)
    if model.runtime == "seldon":
        yield Finding((key,), f"{where}, and Seldon's Servers ask for NVIDIA GPUs; serve it with {able}")
        return
    if row is None or not row.formats:
        reason = "is not known to run there" if row is None else row.reason
        message = f"{where}, and {model.server} {reason}; serve it with {able}, or name a pool with NVIDIA GPUs"
        yield Finding((key,), message)
        return
    if model.image is None:
        yield Finding(
            ("image",),
            f"is missing, and {model.server} on {pool.accelerator} needs one of your own: with {row.image}",
        )
    if model.scaling.target_gpu_utilization_percent is not None:
        yield Finding(
            ("scaling", "target_gpu_utilization_percent"),
            f"is measured by DCGM on NVIDIA GPUs, and pool {where}; choose another target",
        )
    if pool.gpu_resource == TPU and model.resources.gpus != pool.gpus_per_node:
        yield Finding(
            ("resources", "gpus"),
            f"is {model.resources.gpus}, and a pod takes all TPU chips of its node, of which pool "
            f"{pool.declared.name!r} has {pool.gpus_per_node}; write {pool.gpus_per_node}, or name a pool of smaller "
            "machines",
        )


def unserved_repository(model: Model, pool: ResolvedGpuPool | None, repository: object) -> Iterator[Finding]:
    """Why Triton cannot serve the repository there: its own backends know NVIDIA GPUs alone."""
    if pool is None or not isinstance(repository, Repository):
        return
    row = on_accelerator(model.server, accelerator(pool.accelerator).resource)
    if row is None:
        return
    for each in repository.models:
        if each.format != "ensemble" and backend_name(each) not in row.formats:
            yield Finding(
                ("source",),
                f"model {each.name!r} is served by the backend {backend_name(each)}, and on {pool.accelerator} Triton "
                f"runs {' and '.join(row.formats)} alone; load the compiled model in a Python model",
            )
        for group in each.config.instance_group:
            if group.kind == group.Kind.Value("KIND_GPU"):
                yield Finding(
                    ("source",),
                    f"an instance group of model {each.name!r} is of kind gpu, which is NVIDIA's, and pool "
                    f"{pool.declared.name!r} has {pool.accelerator}; write kind: model, or cpu",
                )
                break


def two_devices(pool: ResolvedGpuPool, overflow: ResolvedGpuPool) -> Iterator[Finding]:
    """A pod asks for one resource, and on GKE for one kind and topology of TPU."""
    asked = [(each.gpu_resource, *each.asked_labels.values()) for each in (overflow, pool)]
    if asked[0] == asked[1]:
        return
    offered = [f"{each.declared.name!r} offers {_words(each)}" for each in (overflow, pool)]
    yield Finding(("overflow_pool",), f"{' and '.join(offered)}, and a pod asks for one kind; name two pools alike")


def device_notice(model: Model, pool: ResolvedGpuPool) -> str | None:
    """What holds for one device and for all of a node's, and not in between."""
    several = 1 < model.resources.gpus < pool.gpu_devices_per_node
    if pool.gpu_resource not in (NEURON, NEURON_CORE) or not several:
        return None
    return (
        f"model {model.name!r} takes {model.resources.gpus} of the {pool.gpu_devices_per_node} "
        f"{NAMED[pool.gpu_resource][1]} of a node of pool {pool.declared.name!r}, which may not be neighbours: "
        "Neuron's scheduler extension sees to that, and is not installed; take one, or all of a node's"
    )


def _words(pool: ResolvedGpuPool) -> str:
    topology = f" of {pool.accelerator}, {pool.tpu_topology}" if pool.tpu_topology is not None else ""
    return f"{pool.gpu_resource}{topology}"
