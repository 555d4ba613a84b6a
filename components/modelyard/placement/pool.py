"""Node pools: the nodes that a recorded program offers to the scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelyard.catalog import Allocatable, InstanceType, UnknownInstanceType, allocatable, instance
from modelyard.placement.requests import GPU


@dataclass(frozen=True, slots=True)
class Taint:
    key: str
    value: str
    effect: str
    """As Kubernetes writes it: ``NoSchedule``, ``NoExecute``, ``PreferNoSchedule``."""

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True, slots=True)
class Pool:
    """Nodes that are alike: a node group, a node pool, an agent pool, or what a NodePool of Karpenter may start.

    A declared pool is several of these where spot nodes stand on a floor on demand; they have the same
    :attr:`name`. Sizes are None where the program does not know them yet.
    """

    urn: str
    cluster: str | None
    name: str
    """Of the declared pool (label ``modelyard.dev/pool``), else the cloud's own."""
    region: str | None
    instance_type: str | None
    """The first of the ordered list: what the group starts unless capacity is short."""
    instance: InstanceType | None
    """None: the type is not known yet, or is not in the catalog."""
    spot: bool
    min_size: int | None
    desired_size: int | None
    max_size: int | None
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    room: Allocatable | None
    """Room for pods on one node, after the add-ons of every node; None where the type is not known. ``gpus`` counts
    what pods ask for: MIG instances and time slices each by themselves."""
    device: str = GPU
    """The resource of its accelerators, or what pods claim of them
    (:func:`~modelyard.placement.claims.claimed_device`)."""
    sharing: str = ""
    """How a GPU is shared, in words; empty where it is not."""
    gpu_memory_mib: int | None = None
    """Of one device; None where the pool has none or it is not known."""
    zones: tuple[str, ...] = ()
    """Where the nodes stand; empty where the plan does not say."""
    beside_others: bool = False
    """Whether its resource may declare more pools: a cluster with the profiles of its first ones."""
    capacity: str = "on_demand"
    """``on_demand``, ``spot``, ``reserved``, ``flex_start``, ``queued``."""
    scheduled_size: int = 0
    """Nodes that scheduled actions keep at the hour that keeps most; 0 without any."""

    @property
    def key(self) -> str:
        """What tells the pool from every other: its URN, and its name where one resource declares several."""
        return f"{self.urn}#{self.name}" if self.beside_others else self.urn

    def devices(self, resource: str) -> int:
        """How many of a resource of accelerators one node offers."""
        return self.room.gpus if self.room is not None and resource == self.device else 0


def known_type(cloud: str, region: str | None, name: str | None) -> InstanceType | None:
    """The catalog's row; None where the type is not known yet, or is not in the catalog."""
    if name is None:
        return None
    try:
        return instance(cloud, region or "", name)
    except UnknownInstanceType:
        return None


def room_of(
    machine: InstanceType | None, devices: int | None = None, max_pods: int | None = None
) -> Allocatable | None:
    """Room on one node.

    Args:
        machine: the type; None gives None.
        devices: what pods ask for, where it is not the number of accelerators.
        max_pods: that the node is told to run. None: the cloud's default.
    """
    if machine is None:
        return None
    room = allocatable(machine, max_pods=max_pods)
    return replace(room, gpus=machine.accelerator_count if devices is None else devices)
