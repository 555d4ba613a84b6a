"""What a node of a pool offers to pods: whole GPUs, MIG instances, or shares of either.

Instances of each profile follow NVIDIA's MIG User Guide (``catalog/data/mig_profiles.csv``). Pods always ask for
``nvidia.com/gpu``: with the MIG strategy ``single`` NVIDIA's device plugin, and the clouds' own, name instances like
GPUs ("MIG Support in Kubernetes", NVIDIA). Of Neuron devices they ask for whole ones, unless the pool says cores: a
compiled model uses every core that it sees, and nothing keeps the memory of two pods on one device apart ("Kubernetes
environment setup for Neuron", AWS Neuron documentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ..catalog import InstanceType, accelerators, mig_profiles
from ..catalog.neuron_cores import neuron_cores
from ..environment.device import CORES, NEURON_CORE, Device
from ..environment.gpu_pool import GpuPool
from ..environment.gpu_sharing import GpuSharing


@dataclass(frozen=True, slots=True)
class GpuDevices:
    per_node: int
    mig_instances_per_gpu: int
    clients: int
    memory_mib: int
    """Of one device."""
    resource: Device
    """By which pods ask for one."""


def gpu_devices(pool: GpuPool, types: tuple[InstanceType, ...]) -> GpuDevices:
    """Of a pool whose MIG profile its accelerator has."""
    memory = min(each.usable_accelerator_memory_mib or 0 for each in types)
    whole = cast(Device, accelerators.get(pool.accelerator).resource)
    if pool.sharing is None:
        return GpuDevices(pool.gpus_per_node, 1, 1, memory, whole)
    if pool.sharing.neuron_cores:
        cores = neuron_cores(pool.accelerator) or 1
        return GpuDevices(pool.gpus_per_node * cores, 1, 1, memory // cores, NEURON_CORE)
    instances, clients = 1, pool.sharing.clients
    if pool.sharing.mig is not None:
        profile = mig_profiles.profile(pool.accelerator, pool.sharing.mig)
        instances, memory = profile.instances_per_gpu, profile.usable_memory_mib
    return GpuDevices(pool.gpus_per_node * instances * clients, instances, clients, memory // clients, whole)


def sharing_labels(sharing: GpuSharing | None, devices_per_node: int) -> dict[str, str]:
    """Labels of nodes whose GPUs are cut or shared: how many devices pods find there, and in which way."""
    if sharing is None:
        return {}
    ways = {"mig": sharing.mig, "time-slicing": sharing.time_slicing, "mps": sharing.mps}
    said = "_".join(f"{way}-{value}" for way, value in ways.items() if value is not None) or CORES
    return {"modelyard.dev/gpu-devices": str(devices_per_node), "modelyard.dev/gpu-sharing": said}
