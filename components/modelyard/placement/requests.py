"""What a pod asks of its node, from its spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from modelyard.placement.quantity import mebibytes, millicores, quantity
from modelyard.placement.reading import at, items, mapping


@dataclass(frozen=True, slots=True)
class Requests:
    """What one pod asks of its node."""

    cpu_millicores: int = 0
    memory_mib: int = 0
    gpus: int = 0

    def __add__(self, other: Requests) -> Requests:
        return Requests(
            self.cpu_millicores + other.cpu_millicores,
            self.memory_mib + other.memory_mib,
            self.gpus + other.gpus,
        )

    def times(self, replicas: int) -> Requests:
        return Requests(self.cpu_millicores * replicas, self.memory_mib * replicas, self.gpus * replicas)


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
            before = Requests(
                max(before.cpu_millicores, asked.cpu_millicores),
                max(before.memory_mib, asked.memory_mib),
                max(before.gpus, asked.gpus),
            )
    for container in items(spec.get("containers")):
        asked = _container_requests(mapping(container))
        if asked is None:
            return None
        total = total + asked
    return Requests(
        max(total.cpu_millicores, before.cpu_millicores),
        max(total.memory_mib, before.memory_mib),
        max(total.gpus, before.gpus),
    )


def _container_requests(container: Mapping[str, Any]) -> Requests | None:
    limits = mapping(at(container, "resources", "limits"))
    asked = {**limits, **mapping(at(container, "resources", "requests"))}
    cpu, memory = millicores(asked.get("cpu", 0)), mebibytes(asked.get("memory", 0))
    gpus = quantity(asked.get("nvidia.com/gpu", 0))
    if cpu is None or memory is None or gpus is None:
        return None
    return Requests(cpu, memory, ceil(gpus))
