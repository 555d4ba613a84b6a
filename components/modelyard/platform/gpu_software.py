"""What the software on a cluster's GPU nodes is told of its pools."""

from __future__ import annotations

from typing import Any

from ..resolve.resolved_pool import ResolvedGpuPool


def gpu_software_pool(pool: ResolvedGpuPool) -> Any:
    """Arguments of :class:`~modelyard.capacity.software.gpu_software_args.GpuSoftwarePoolArgs`."""
    declared = pool.declared
    told: dict[str, Any] = {
        "name": declared.name,
        "accelerator": declared.accelerator,
        "provisioner": declared.provisioner,
        "driver_by": pool.driver_by,
        "image": declared.image,
        "sharing": declared.sharing.model_dump(exclude_none=True) if declared.sharing is not None else None,
    }
    return {key: value for key, value in told.items() if value is not None}
