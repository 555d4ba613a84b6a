"""What pods ask for by ResourceClaims (Dynamic Resource Allocation): devices of the templates that the graph holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, items, mapping, text, whole
from modelyard.placement.replicas import namespace
from modelyard.placement.requests import Requests

CLAIM_TEMPLATES = tuple(
    f"kubernetes:resource.k8s.io/{version}:ResourceClaimTemplate" for version in ("v1", "v1beta2", "v1beta1")
)
GPU_CLASS = "gpu.nvidia.com"
MIG_CLASS = "mig.nvidia.com"
_PROFILE = re.compile(r"""\.profile\s*==\s*['"]([^'"]+)['"]""")


class Claims:
    """The ResourceClaimTemplates of a graph, by the name that pods give."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._templates = {
            (each.provider, namespace(each), text(at(each.inputs, "metadata", "name"))): each
            for each in graph.of_type(*CLAIM_TEMPLATES)
        }

    def of(self, pods: Resource, spec: Mapping[str, Any]) -> Requests | None:
        """Devices that one pod claims; None where the plan does not tell: a template of another stack, a claim that
        pods share, or devices of another kind than GPUs of NVIDIA's driver.

        Args:
            pods: what declares them.
            spec: of a pod.
        """
        total = Requests()
        for claim in items(spec.get("resourceClaims")):
            name = text(mapping(claim).get("resourceClaimTemplateName"))
            template = None if name is None else self._templates.get((pods.provider, namespace(pods), name))
            asked = None if template is None else list(_requests(template))
            if asked is None or None in asked:
                return None
            for each in filter(None, asked):
                total = total + each
        return total


def claimed_device(profile: str | None = None) -> str:
    """As :attr:`~modelyard.placement.requests.Requests.device` names what is claimed: whole GPUs, or MIG instances of
    one profile."""
    return GPU_CLASS if profile is None else f"{MIG_CLASS} {profile}"


def _requests(template: Resource) -> Iterator[Requests | None]:
    for each in items(at(template.inputs, "spec", "spec", "devices", "requests")):
        request = mapping(each)
        exactly = mapping(request.get("exactly")) or request
        device, count = _device(exactly), whole(exactly.get("count", 1))
        one_by_one = exactly.get("allocationMode", "ExactCount") == "ExactCount"
        yield Requests(0, 0, count, device) if device is not None and count is not None and one_by_one else None


def _device(exactly: Mapping[str, Any]) -> str | None:
    device_class = text(exactly.get("deviceClassName"))
    if device_class == GPU_CLASS:
        return claimed_device()
    if device_class != MIG_CLASS:
        return None
    expressions = (text(at(each, "cel", "expression")) or "" for each in items(exactly.get("selectors")))
    profile = next((found[1] for each in expressions if (found := _PROFILE.search(each))), None)
    return None if profile is None else claimed_device(profile)
