"""What GPU nodes run beside models."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from .declaration import Declaration
from .gpu_pool import LabelKey
from .patterns import IMAGE_BY_DIGEST_PATTERN


class GpuSoftware(Declaration):
    """Drivers, device plugins and what shares GPUs follow from the pools; these are left to choose."""

    pod_labels: list[LabelKey] = []
    """Keys of labels that the metrics of a GPU take over from the pod that uses it, beside its namespace, name and
    container; for example modelyard.dev/model."""
    prefetch_images: bool = False
    """Whether every node of a GPU pool fetches the images of the pool's models when it starts, so that only the first
    pod of a new node waits for one."""
    neuron_monitor: Annotated[str, StringConstraints(pattern=IMAGE_BY_DIGEST_PATTERN)] | None = None
    """Image of AWS Neuron's monitor, public.ecr.aws/neuron/neuron-monitor by its digest, which measures Neuron devices.
    Default: none, and nothing measures them."""
