"""Requests for GPUs, Neuron devices and TPU chips that Kubernetes can grant, on nodes that let the pods in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from modelyard.environment.device import NAMED, NVIDIA, TAINT_OF
from modelyard.graph import UNKNOWN
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, read, require, shown, whole
from modelyard_policies.pods import containers, kind, selected_values
from modelyard_policies.rule import PodRule

GPU: Final = NVIDIA
_ONE: Final[dict[str, str]] = {device: one for device, (one, _) in NAMED.items()}
_GPU_NODE_LABELS: Final = ("nvidia.com/gpu.present", "modelyard.dev/accelerator")


def rules() -> list[PodRule]:
    return [
        PodRule(
            "gpu-limits-and-tolerations",
            "A pod that uses a GPU asks for whole GPUs, or claims devices, and tolerates the taint of GPU nodes; no "
            "other pod takes their room.",
            check=_check,
        ),
        PodRule(
            "resource-requests",
            "Every container says how much CPU and memory it needs: the scheduler and the showback go by it.",
            check=_requests,
        ),
    ]


def _check(args: ResourceValidationArgs, pods: Any) -> Iterator[str]:
    used: dict[str, str] = {}
    claims = False
    offered = [read(claim, "name") for claim in elements(require(pods, "spec", "resourceClaims"))]
    for container in containers(pods):
        for name in _claimed(container.inputs):
            used[GPU], claims = GPU, True
            if name not in offered:
                yield (
                    f"{container.label} claims {shown(name)}, which the pods do not: Kubernetes refuses that; name a "
                    "ResourceClaimTemplate for it in spec.resourceClaims."
                )
            elif require(container.inputs, "resources", "limits", GPU) is not None:
                yield (
                    f"{container.label} claims {shown(name)} and asks for {GPU} besides, and no node hands out its "
                    "GPUs in both ways; keep one."
                )
        for device, taint in TAINT_OF.items():
            limit = require(container.inputs, "resources", "limits", device)
            request = require(container.inputs, "resources", "requests", device)
            if limit is not None or request is not None:
                used[taint] = device
                yield from _amounts(container.label, device, limit, request)
    for taint, device in used.items():
        if not _tolerates(require(pods, "spec", "tolerations"), taint):
            how = "claim GPUs" if claims and device == GPU else f"use {device}"
            yield (
                f"the pods {how} and do not tolerate the taint {taint}=present:NoSchedule, so no "
                f"{_ONE[device]} node takes them; add the toleration {{key: {taint}, operator: Exists, "
                "effect: NoSchedule}."
            )
    if not used and kind(args.resource_type) != "DaemonSet":
        for label in _GPU_NODE_LABELS:
            if selected_values(pods, label):
                yield (
                    f"the pods run only on nodes with the label {label} and use no {GPU}, so they take room that is "
                    "paid "
                    f"for its GPUs; set resources.limits[{GPU}], or leave the label out."
                )


def _claimed(container: Any) -> Iterator[Any]:
    """Names of the pod's ResourceClaims that a container uses (Dynamic Resource Allocation)."""
    for claim in elements(require(container, "resources", "claims")):
        yield read(claim, "name")


def _amounts(label: str, device: str, limit: Any, request: Any) -> Iterator[str]:
    """Of one container and one kind of device."""
    count = whole(limit)
    if limit is None:
        yield (
            f"{label} requests {shown(request)} {device} without a limit, which Kubernetes refuses; set "
            f"resources.limits[{device}] to a whole number."
        )
    elif count is None or count < 1:
        several = _ONE[device]
        yield (
            f"{label} has {shown(limit)} as its limit of {device}; {several}s are given whole: set a whole number "
            "from 1."
        )
    elif request is not None and whole(request) != count:
        yield (
            f"{label} requests {shown(request)} {device} and is limited to {shown(limit)}; Kubernetes wants both "
            "equal: leave the request out."
        )


def _tolerates(tolerations: Any, taint: str) -> bool:
    for toleration in elements(tolerations):
        if toleration is UNKNOWN:
            return True
        key, operator = read(toleration, "key"), read(toleration, "operator", default="Equal")
        if read(toleration, "effect") not in (None, "", "NoSchedule"):
            continue
        if operator == "Exists" and key in (None, "", taint):
            return True
        if operator == "Equal" and key == taint and read(toleration, "value") == "present":
            return True
    return False


def _requests(_: ResourceValidationArgs, pods: Any) -> Iterator[str]:
    for container in containers(pods):
        resources = read(container.inputs, "resources")
        missing = [
            name
            for name in ("cpu", "memory")
            if read(resources, "requests", name) is None and read(resources, "limits", name) is None
        ]
        if missing:
            yield (
                f"{container.label} requests no {' and no '.join(missing)}, so it is placed and charged as if it "
                "needed "
                "none; set resources.requests."
            )
