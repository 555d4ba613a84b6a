"""What pods ask for by ResourceClaims (Dynamic Resource Allocation): devices of the templates that the graph holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.quantity import mebibytes
from modelyard.placement.reading import at, items, mapping, text, whole
from modelyard.placement.replicas import namespace
from modelyard.placement.requests import Requests

CLAIM_TEMPLATES = tuple(
    f"kubernetes:resource.k8s.io/{version}:ResourceClaimTemplate" for version in ("v1", "v1beta2", "v1beta1")
)
GPU_CLASS = "gpu.nvidia.com"
MIG_CLASS = "mig.nvidia.com"
_DRIVER = r"""\[['"]gpu\.nvidia\.com['"]\]"""
_PROFILE = re.compile(rf"""device\.attributes{_DRIVER}\.profile\s*==\s*['"]([^'"]+)['"]""")
_MEMORY = re.compile(
    rf"""device\.capacity{_DRIVER}\.memory\.compareTo\(\s*quantity\(['"]([^'"]+)['"]\)\s*\)\s*>=\s*0"""
)
_READ = frozenset({"deviceClassName", "allocationMode", "count", "selectors"})
"""Fields of a request that are followed; tolerations of devices, parts of them and access of administrators are not."""


class Claims:
    """The ResourceClaimTemplates of a graph, by the name that pods give."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._templates = {
            (each.provider, namespace(each), text(at(each.inputs, "metadata", "name"))): each
            for each in graph.of_type(*CLAIM_TEMPLATES)
        }

    def of(self, pods: Resource, spec: Mapping[str, Any]) -> Requests | None:
        """Devices that one pod claims; None where the plan does not tell: a template of another stack, a claim that
        pods share, devices of another kind than GPUs of NVIDIA's driver, or a choice by more than their MIG profile
        and their memory.

        Args:
            pods: what declares them.
            spec: of a pod.
        """
        total, memory_mib = Requests(), 0
        for claim in items(spec.get("resourceClaims")):
            name = text(mapping(claim).get("resourceClaimTemplateName"))
            template = None if name is None else self._templates.get((pods.provider, namespace(pods), name))
            if template is None:
                return None
            for each in _requests(template):
                if each is None:
                    return None
                total, memory_mib = total + each, max(memory_mib, each.gpu_memory_mib)
        # All devices of a node are alike: what the most demanding request takes, each of them has to have.
        return replace(total, gpu_memory_mib=total.gpus * memory_mib)


def claimed_device(profile: str | None = None) -> str:
    """As :attr:`~modelyard.placement.requests.Requests.device` names what is claimed: whole GPUs, or MIG instances of
    one profile."""
    return GPU_CLASS if profile is None else f"{MIG_CLASS} {profile}"


def _requests(template: Resource) -> Iterator[Requests | None]:
    """Each with the memory of one device."""
    devices = mapping(at(template.inputs, "spec", "spec", "devices"))
    if devices.get("constraints"):
        yield None
    for each in items(devices.get("requests")):
        request = mapping(each)
        exactly = mapping(request.get("exactly")) or {key: value for key, value in request.items() if key != "name"}
        device, count = _device(exactly), whole(exactly.get("count", 1))
        one_by_one = exactly.get("allocationMode", "ExactCount") == "ExactCount" and _READ.issuperset(exactly)
        yield Requests(0, 0, count, *device) if device is not None and count is not None and one_by_one else None


def _device(exactly: Mapping[str, Any]) -> tuple[str, int] | None:
    """What is claimed, and how much memory each device has at least; None where that is not plain."""
    profile, memory_mib = None, 0
    for expression in _expressions(exactly):
        if expression is None:
            return None
        if found := _PROFILE.fullmatch(expression):
            if profile not in (None, found[1]):
                return None
            profile = found[1]
        elif found := _MEMORY.fullmatch(expression):
            least = mebibytes(found[1])
            if least is None:
                return None
            memory_mib = max(memory_mib, least)
        else:
            return None
    device_class = text(exactly.get("deviceClassName"))
    if device_class == GPU_CLASS and profile is None:
        return claimed_device(), memory_mib
    if device_class == MIG_CLASS and profile is not None:
        return claimed_device(profile), memory_mib
    return None


def _expressions(exactly: Mapping[str, Any]) -> Iterator[str | None]:
    """Conditions of CEL that all hold."""
    for each in items(exactly.get("selectors")):
        expression = text(at(each, "cel", "expression"))
        if expression is None:
            yield None
        else:
            yield from (part.strip() for part in expression.split("&&"))
