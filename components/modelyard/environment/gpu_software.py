"""What GPU nodes run beside models."""

from __future__ import annotations

from .declaration import Declaration
from .gpu_pool import LabelKey


class GpuSoftware(Declaration):
    """Drivers, device plugins and what shares GPUs follow from the pools; these are left to choose."""

    pod_labels: list[LabelKey] = []
    """Keys of labels that the metrics of a GPU take over from the pod that uses it, beside its namespace, name and
    container; for example modelyard.dev/model."""
    prefetch_images: bool = False
    """Whether every node of a GPU pool fetches the images of the pool's models when it starts, so that only the first
    pod of a new node waits for one."""
