"""Where a workload's pods run, what they take there, and through which gateway they answer."""

from __future__ import annotations

from dataclasses import dataclass

from ...environment.device import NVIDIA, Device
from .gpu_claim import GpuClaim


@dataclass(frozen=True, slots=True)
class Placement:
    """On which nodes the pods may run."""

    cluster: str
    pool: str | None = None
    """Pool of the guaranteed replicas; None: any node without a GPU."""
    overflow_pool: str | None = None
    price_basis: str | None = None
    """``aws/<region>/<instance type>/<on_demand|spot>`` of the pool's first instance type."""
    taints: tuple[tuple[str, str, str], ...] = ()
    """Taints of the pools to tolerate: key, value, effect."""
    node_labels: tuple[tuple[str, str], ...] = ()
    """Labels of the nodes that pods ask for besides the pool's."""


@dataclass(frozen=True, slots=True)
class ServerShare:
    """What one replica asks of its node."""

    gpus: int
    cpu: float
    memory_gib: float
    shared_memory_mib: int
    mig_profile: str | None = None
    """``gpus`` are slices of this profile, for example ``1g.10gb``; None: whole GPUs."""
    gpu_memory_mib: int | None = None
    """That the model takes on each of them; None: not said."""
    claim: GpuClaim | None = None
    """How pods get them by Dynamic Resource Allocation; None: by a device plugin, as ``nvidia.com/gpu``."""
    device: Device = NVIDIA
    """What ``gpus`` counts, as pods ask for it."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The Gateway API gateway that sends requests here."""

    name: str
    namespace: str
