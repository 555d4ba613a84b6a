"""GPUs of a GKE node, as ``guest_accelerators`` takes them.

Follows "AcceleratorConfig" of the GKE API reference and "About GPU sharing strategies in GKE".
"""

from __future__ import annotations

from typing import Any

from ...environment.gpu_sharing import GpuSharing
from ...resolve.resolved_pool import ResolvedGpuPool

_DRIVERS = {"default": "DEFAULT", "latest": "LATEST"}
_NO_DRIVER = "INSTALLATION_DISABLED"


def guest_accelerators(pool: ResolvedGpuPool) -> list[dict[str, Any]]:
    """The pool's GPUs with their driver, MIG partition and sharing.

    Every part of it forces a new node pool when it changes, the driver's version too
    (hashicorp/terraform-provider-google#23248).
    """
    driver = _DRIVERS[pool.declared.driver.version] if pool.driver_by == "cloud" else _NO_DRIVER
    accelerator: dict[str, Any] = {
        "type": pool.accelerator_type,
        "count": pool.gpus_per_node,
        "gpu_driver_installation_config": {"gpu_driver_version": driver},
    }
    sharing = pool.declared.sharing
    if sharing is not None and sharing.mig is not None:
        accelerator["gpu_partition_size"] = sharing.mig
    if sharing is not None and sharing.clients > 1:
        accelerator["gpu_sharing_config"] = {
            "gpu_sharing_strategy": _strategy(sharing),
            "max_shared_clients_per_gpu": sharing.clients,
        }
    return [accelerator]


def class_sharing(sharing: GpuSharing | None) -> dict[str, Any]:
    """``gpuSharing`` of a ComputeClass; empty where a GPU belongs to one pod."""
    found: dict[str, Any] = {}
    if sharing is not None and sharing.mig is not None:
        found["gpuPartitionSize"] = sharing.mig
    if sharing is not None and sharing.clients > 1:
        found |= {"sharingStrategy": _strategy(sharing), "maxSharedClientsPerGPU": sharing.clients}
    return found


def _strategy(sharing: GpuSharing) -> str:
    return "MPS" if sharing.mps is not None else "TIME_SHARING"
