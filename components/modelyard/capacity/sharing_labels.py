"""Labels by which NVIDIA's MIG manager and device plugin know how to cut and share a node's GPUs."""

from __future__ import annotations

from ..environment.gpu_sharing import GpuSharing

MIG_CONFIG = "nvidia.com/mig.config"
"""Names a configuration of the MIG manager; ``all-<profile>`` are those that NVIDIA ships (mig-parted)."""
DEVICE_PLUGIN_CONFIG = "nvidia.com/device-plugin.config"
"""Names a configuration of the device plugin: a key of its config map."""


def device_plugin_config(sharing: GpuSharing | None) -> str | None:
    """Name of the device plugin's configuration for a pool: ``time-slicing-4``, ``mps-2``; None: its default."""
    if sharing is None or sharing.clients == 1:
        return None
    return f"mps-{sharing.mps}" if sharing.mps is not None else f"time-slicing-{sharing.time_slicing}"


def mig_config(sharing: GpuSharing | None) -> str | None:
    """Name of the MIG manager's configuration for a pool: ``all-1g.10gb``; None: whole GPUs."""
    return f"all-{sharing.mig}" if sharing is not None and sharing.mig is not None else None


def nvidia_labels(sharing: GpuSharing | None) -> dict[str, str]:
    """Both labels, as far as the pool needs them."""
    named = {MIG_CONFIG: mig_config(sharing), DEVICE_PLUGIN_CONFIG: device_plugin_config(sharing)}
    return {key: value for key, value in named.items() if value is not None}
