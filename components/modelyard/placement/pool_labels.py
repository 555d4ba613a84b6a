"""What the labels of a pool's nodes say: which pool of which cluster they are, and how their GPUs are shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from modelyard.catalog import Allocatable, InstanceType
from modelyard.catalog.mig_profiles import profiles
from modelyard.environment.device import CORES, NEURON_CORE
from modelyard.placement.claims import claimed_device
from modelyard.placement.pool import room_of
from modelyard.placement.reading import whole
from modelyard.placement.requests import GPU
from modelyard.placement.workload import CLUSTER, POOL

GPU_DEVICES = "modelyard.dev/gpu-devices"
"""How many ``nvidia.com/gpu`` a node offers whose GPUs are cut or shared."""
GPU_ALLOCATION = "modelyard.dev/gpu-allocation"
"""``claim`` where pods get GPUs by ResourceClaims."""
GPU_SHARING = "modelyard.dev/gpu-sharing"
"""In which way: ``mig-1g.10gb``, ``time-slicing-4``, ``mps-2``, ``mig-1g.10gb_mps-2``, ``neuron-cores``."""


class Devices(TypedDict):
    """Fields of a pool."""

    room: Allocatable | None
    device: str
    sharing: str
    gpu_memory_mib: int | None


def node_labels(type_name: str | None, region: str | None, machine: InstanceType | None) -> dict[str, str]:
    """Labels that every kubelet sets, as far as they are known."""
    shape = machine.shape if machine is not None else None
    return {
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "arm64" if shape is not None and shape.architecture == "arm64" else "amd64",
        **({"node.kubernetes.io/instance-type": type_name} if type_name else {}),
        **({"topology.kubernetes.io/region": region} if region else {}),
    }


def cluster_of(labels: Mapping[str, str], otherwise: str | None) -> str | None:
    return labels.get(CLUSTER) or otherwise


def declared_name(labels: Mapping[str, str], otherwise: str) -> str:
    """Of the pool as the environment declares it."""
    return labels.get(POOL) or otherwise


def shared_devices(machine: InstanceType | None, labels: Mapping[str, str], max_pods: int | None = None) -> Devices:
    """Of nodes whose labels say how their GPUs are shared; without these labels, whole ones."""
    sharing = labels.get(GPU_SHARING, "")
    memory_mib = None
    if machine is not None and machine.accelerator is not None and sharing.startswith("mig-"):
        cut, _, shared = sharing.removeprefix("mig-").partition("_")
        found = next((each for each in profiles(machine.accelerator) if each.name == cut), None)
        if found is not None:
            memory_mib = found.usable_memory_mib // (whole(shared.rpartition("-")[2]) or 1)
    found = devices(machine, whole(labels.get(GPU_DEVICES)), sharing, memory_mib, max_pods)
    if labels.get(GPU_ALLOCATION) == "claim":
        cut = sharing.removeprefix("mig-") if sharing.startswith("mig-") else None
        found["device"] = claimed_device(cut)
    return found


def mig_instances(accelerator: str | None, profile: str) -> int | None:
    """Into how many instances one GPU is cut; None for a profile that it does not have."""
    found = next((each for each in profiles(accelerator or "") if each.name == profile), None)
    return None if found is None else found.instances_per_gpu


def devices(
    machine: InstanceType | None,
    count: int | None,
    sharing: str,
    memory_mib: int | None = None,
    max_pods: int | None = None,
) -> Devices:
    """Of nodes of a type.

    Args:
        machine: None where the type is not known.
        count: of what pods ask for on one node. None: its accelerators.
        sharing: how they are shared, in words; empty where they are not.
        memory_mib: of one device. None: of a whole accelerator, or an equal share of all on the node.
        max_pods: that the node is told to run. None: the cloud's default.
    """
    resource = (machine.accelerator_resource if machine is not None else None) or GPU
    if sharing == CORES:
        resource = NEURON_CORE
    if memory_mib is None and machine is not None and machine.usable_accelerator_memory_mib is not None:
        memory_mib = machine.usable_accelerator_memory_mib
        if count:
            memory_mib = memory_mib * machine.accelerator_count // count
    return Devices(room=room_of(machine, count, max_pods), device=resource, sharing=sharing, gpu_memory_mib=memory_mib)
