"""GPU requests that Kubernetes can grant, on nodes that let the pods in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from modelyard.graph import UNKNOWN
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, read, require, shown, whole
from modelyard_policies.pods import containers, kind, selected_values
from modelyard_policies.rule import PodRule

GPU: Final = "nvidia.com/gpu"
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
    uses_gpu = claims = False
    offered = [read(claim, "name") for claim in elements(require(pods, "spec", "resourceClaims"))]
    for container in containers(pods):
        limit = require(container.inputs, "resources", "limits", GPU)
        request = require(container.inputs, "resources", "requests", GPU)
        for name in _claimed(container.inputs):
            uses_gpu = claims = True
            if name not in offered:
                yield (
                    f"{container.label} claims {shown(name)}, which the pods do not: Kubernetes refuses that; name a "
                    "ResourceClaimTemplate for it in spec.resourceClaims."
                )
            elif limit is not None:
                yield (
                    f"{container.label} claims {shown(name)} and asks for {GPU} besides, and no node hands out its "
                    "GPUs in both ways; keep one."
                )
        if limit is None and request is None:
            continue
        uses_gpu = True
        count = whole(limit)
        if limit is None:
            yield (
                f"{container.label} requests {shown(request)} {GPU} without a limit, which Kubernetes refuses; set "
                f"resources.limits[{GPU}] to a whole number."
            )
        elif count is None or count < 1:
            yield (
                f"{container.label} has {shown(limit)} as its limit of {GPU}; GPUs are given whole: set a whole number "
                "from 1."
            )
        elif request is not None and whole(request) != count:
            yield (
                f"{container.label} requests {shown(request)} {GPU} and is limited to {shown(limit)}; Kubernetes wants "
                "both equal: leave the request out."
            )
    if uses_gpu and not _tolerates(require(pods, "spec", "tolerations")):
        how = "claim GPUs" if claims else f"use {GPU}"
        yield (
            f"the pods {how} and do not tolerate the taint {GPU}=present:NoSchedule, so no GPU node takes them; "
            "add "
            f"the toleration {{key: {GPU}, operator: Exists, effect: NoSchedule}}."
        )
    if not uses_gpu and kind(args.resource_type) != "DaemonSet":
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


def _tolerates(tolerations: Any) -> bool:
    for toleration in elements(tolerations):
        if toleration is UNKNOWN:
            return True
        key, operator = read(toleration, "key"), read(toleration, "operator", default="Equal")
        if read(toleration, "effect") not in (None, "", "NoSchedule"):
            continue
        if operator == "Exists" and key in (None, "", GPU):
            return True
        if operator == "Equal" and key == GPU and read(toleration, "value") == "present":
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
