"""What a pod asks of its node, from its spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from modelyard.placement.quantity import mebibytes, millicores, quantity
from modelyard.placement.reading import at, items, mapping

GPU = "nvidia.com/gpu"
_DEVICES = ("nvidia.com/", "aws.amazon.com/neuron", "google.com/tpu", "amd.com/gpu")


def is_device(resource: str) -> bool:
    """Whether pods ask for accelerators by this resource: whole GPUs, MIG instances under the strategy ``mixed``,
    shared GPUs under another name, Neuron devices or cores, TPU chips."""
    return resource.startswith(_DEVICES)


@dataclass(frozen=True, slots=True)
class Requests:
    """What one pod asks of its node."""

    cpu_millicores: int = 0
    memory_mib: int = 0
    gpus: int = 0
    """Whole GPUs, or what a pool cuts them into; or other accelerators."""
    device: str = GPU
    """The resource by which a pod asks for them, or what it claims."""
    gpu_memory_mib: int = 0
    """On all its GPUs, as far as the model says so; no scheduler looks at it."""

    def __add__(self, other: Requests) -> Requests:
        return Requests(
            self.cpu_millicores + other.cpu_millicores,
            self.memory_mib + other.memory_mib,
            self.gpus + other.gpus,
            _device(self, other),
            self.gpu_memory_mib + other.gpu_memory_mib,
        )

    def times(self, replicas: int) -> Requests:
        return Requests(
            self.cpu_millicores * replicas,
            self.memory_mib * replicas,
            self.gpus * replicas,
            self.device,
            self.gpu_memory_mib * replicas,
        )

    def at_least(self, other: Requests) -> Requests:
        """The larger of each amount."""
        return Requests(
            max(self.cpu_millicores, other.cpu_millicores),
            max(self.memory_mib, other.memory_mib),
            max(self.gpus, other.gpus),
            _device(self, other),
        )


def pod_requests(spec: Mapping[str, Any]) -> Requests | None:
    """What a pod with this spec asks for: its containers together, or its largest init container if that is more.

    A container without a request asks for its limit, as the API server fills it in. None: an amount is not known.
    """
    total = Requests()
    before = Requests()
    for container in items(spec.get("initContainers")):
        asked = _container_requests(mapping(container))
        if asked is None:
            return None
        if mapping(container).get("restartPolicy") == "Always":
            total = total + asked
        else:
            before = before.at_least(total + asked)
    for container in items(spec.get("containers")):
        asked = _container_requests(mapping(container))
        if asked is None:
            return None
        total = total + asked
    return total.at_least(before)


def _container_requests(container: Mapping[str, Any]) -> Requests | None:
    limits = mapping(at(container, "resources", "limits"))
    asked = {**limits, **mapping(at(container, "resources", "requests"))}
    cpu, memory = millicores(asked.get("cpu", 0)), mebibytes(asked.get("memory", 0))
    devices = {name: quantity(amount) for name, amount in asked.items() if is_device(name)}
    if cpu is None or memory is None:
        return None
    found = Requests(cpu, memory)
    for name, amount in devices.items():
        if amount is None:
            return None
        found = found + Requests(0, 0, ceil(amount), name)
    return found


def _device(one: Requests, other: Requests) -> str:
    """Of two pods or containers; where they ask for different ones, both names: no node has a resource of that name."""
    names = dict.fromkeys(each.device for each in (one, other) if each.gpus)
    return " and ".join(names) or one.device
