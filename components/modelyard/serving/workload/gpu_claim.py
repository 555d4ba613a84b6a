"""GPUs that pods claim (Dynamic Resource Allocation, ``resource.k8s.io/v1``), in place of asking for nvidia.com/gpu.

Follows "Dynamic Resource Allocation" of the Kubernetes documentation, and device classes, attributes and capacities as
NVIDIA's driver publishes them (NVIDIA/k8s-dra-driver-gpu tag v0.4.0).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .workload import Workload

GPU_CLASS = "gpu.nvidia.com"
MIG_CLASS = "mig.nvidia.com"
REQUEST = "gpu"
"""Name of the claim in the pod, and of its one request."""
_DRIVER = "gpu.nvidia.com"


@dataclass(frozen=True, slots=True)
class GpuClaim:
    """What is claimed: whole GPUs, or MIG instances that are there already."""

    mig_profile: str | None = None

    @property
    def device_class(self) -> str:
        return GPU_CLASS if self.mig_profile is None else MIG_CLASS


def claims(workload: Workload) -> bool:
    """Whether its pods get GPUs by a claim."""
    return workload.share.gpus > 0 and workload.share.claim is not None


def claim_template(workload: Workload) -> dict[str, Any] | None:
    """The ResourceClaimTemplate that every pod gets a claim of its own from; None where pods claim nothing.

    It cannot be changed, and is named by what it asks for, so that another one is there before pods name it.
    """
    if not claims(workload):
        return None
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": workload.metadata(claim_template_name(workload)),
        "spec": {"metadata": {"labels": workload.labels}, "spec": {"devices": {"requests": [_request(workload)]}}},
    }


def pod_claims(workload: Workload) -> list[dict[str, str]]:
    """``spec.resourceClaims`` of a pod."""
    return [{"name": REQUEST, "resourceClaimTemplateName": claim_template_name(workload)}] if claims(workload) else []


def claim_template_name(workload: Workload) -> str:
    asked = json.dumps([_request(workload), workload.labels], sort_keys=True)
    return f"{workload.name}-gpus-{hashlib.sha256(asked.encode()).hexdigest()[:10]}"


def _request(workload: Workload) -> dict[str, Any]:
    claim, share = workload.share.claim, workload.share
    assert claim is not None
    exactly: dict[str, Any] = {
        "deviceClassName": claim.device_class,
        "allocationMode": "ExactCount",
        "count": share.gpus,
    }
    expressions = []
    if claim.mig_profile is not None:
        expressions.append(f"device.attributes['{_DRIVER}'].profile == '{claim.mig_profile}'")
    if share.gpu_memory_mib is not None:
        least = f"quantity('{share.gpu_memory_mib}Mi')"
        expressions.append(f"device.capacity['{_DRIVER}'].memory.compareTo({least}) >= 0")
    if expressions:
        exactly["selectors"] = [{"cel": {"expression": each}} for each in expressions]
    return {"name": REQUEST, "exactly": exactly}
