"""Pools of nodes, decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..environment.cpu_pool import CpuPool
from ..environment.device import Device
from ..environment.gpu_pool import GpuPool, PoolSchedule
from ..environment.node_capacity import Capacity
from ..environment.target import Cloud

Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedGpuPool:
    """A GPU pool whose machines are known to exist in its region.

    One declaration is one pool. Where spot capacity has a floor on demand, :attr:`floor` is the second group of nodes.
    """

    declared: GpuPool
    name: str
    """As declared, or ``<pool>-floor``."""
    cluster: str
    cloud: Cloud
    region: str
    zones: tuple[str, ...]
    """That the pool names, or on GKE those of the cluster that are known to have the accelerator; empty: those of its
    cluster."""
    instance_types: tuple[str, ...]
    """In order of preference, as the catalogue names them; the first prices the pool. GKE and AKS have one."""
    machine_type: str
    """The first as its cloud names it: GKE's ``n1-standard-8`` of the catalogue's ``n1-standard-8+1xT4``."""
    architecture: Architecture
    image: str
    """As the cloud names it: ``amiType`` of EKS, ``imageType`` of GKE, ``osSKU`` of AKS; on Karpenter and Auto Mode the
    alias or family."""
    driver_by: Literal["image", "cloud", "gpu_operator"]
    capacity: Capacity
    """By which these nodes are bought: ``on_demand`` for a floor."""
    accelerator: str
    accelerator_type: str | None
    """GKE's name of it, such as nvidia-l4 or tpu-v6e-slice; None on other clouds."""
    tpu_topology: str | None
    """How the TPU chips of one node are joined, such as 2x4; None of other accelerators."""
    gpus_per_node: int
    """Accelerators in the machine."""
    mig_instances_per_gpu: int
    """1 without MIG."""
    clients_per_device: int
    """Pods that share one GPU or one MIG instance by time slicing or MPS; 1 without."""
    gpu_resource: Device
    """What pods ask for: ``nvidia.com/gpu``, also for MIG instances (NVIDIA's strategy ``single``);
    ``aws.amazon.com/neuron`` or ``aws.amazon.com/neuroncore`` of Inferentia and Trainium; ``google.com/tpu``."""
    gpu_devices_per_node: int
    """How many of :attr:`gpu_resource` a node offers: GPUs times MIG instances times clients."""
    gpu_memory_mib: int
    """What one device has: as the node reports it where that is known, else nominal; of a MIG instance its own; of a
    shared GPU or instance an equal share."""
    allocatable_cpu: float
    """Cores left for pods on the smallest of the instance types."""
    allocatable_memory_gib: float
    min_nodes: int
    desired_nodes: int
    max_nodes: int
    schedules: tuple[PoolSchedule, ...]
    """Of these nodes: a floor has none, and the others' limits are less by the floor."""
    placement_group: bool
    """Whether the component asks for nodes that stand close: ``compact``, and no reservation says where they stand."""
    reservation_id: str | None
    labels: Mapping[str, str]
    taints: tuple[tuple[str, str, str], ...]
    """key, value, Kubernetes effect"""
    cloud_taints: tuple[tuple[str, str, str], ...]
    """That the cloud puts on by itself, and pods have to tolerate too: AKS on spot nodes."""
    price_basis: str
    """``<cloud>/<region>/<instance type>/<on_demand|spot|reserved>``"""
    usd_per_hour: Decimal | None
    """Of one node; None when the catalogue has no price."""
    forced_by: Mapping[str, str]
    """Everything of which a change forces new nodes in place of these, with its value: what AKS' pool name is made
    of."""
    floor: ResolvedGpuPool | None = None
    """The nodes on demand beside spot nodes, if any."""

    @property
    def claimed_profile(self) -> str | None:
        """MIG profile of the instances that pods claim; None: whole GPUs, or GPUs that nobody claims."""
        sharing = self.declared.sharing
        return sharing.mig if self.declared.dra and sharing is not None else None

    @property
    def node_groups(self) -> tuple[ResolvedGpuPool, ...]:
        """The pool itself, and its floor."""
        return (self,) if self.floor is None else (self, self.floor)

    @property
    def asked_labels(self) -> Mapping[str, str]:
        """Labels of its nodes that pods have to ask for besides the pool's: GKE refuses pods that ask for TPU chips
        and do not say of which kind and topology ("Deploy TPU workloads in GKE Standard")."""
        if self.tpu_topology is None or self.accelerator_type is None:
            return {}
        return {
            "cloud.google.com/gke-tpu-accelerator": self.accelerator_type,
            "cloud.google.com/gke-tpu-topology": self.tpu_topology,
        }

    @property
    def most_nodes(self) -> int:
        """Of all its node groups."""
        return sum(group.max_nodes for group in self.node_groups)

    @property
    def first_nodes(self) -> int:
        """Of all its node groups, when it is made."""
        return sum(group.desired_nodes for group in self.node_groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedCpuPool:
    """A pool of nodes without accelerators whose machines are known to exist in its region."""

    declared: CpuPool
    name: str
    """As declared, or ``<pool>-floor``."""
    cluster: str
    cloud: Cloud
    region: str
    zones: tuple[str, ...]
    instance_types: tuple[str, ...]
    machine_type: str
    architecture: Architecture
    image: str
    """As the cloud names it."""
    capacity: Literal["on_demand", "spot"]
    allocatable_cpu: float
    allocatable_memory_gib: float
    min_nodes: int
    desired_nodes: int
    max_nodes: int
    schedules: tuple[PoolSchedule, ...]
    labels: Mapping[str, str]
    taints: tuple[tuple[str, str, str], ...]
    cloud_taints: tuple[tuple[str, str, str], ...]
    price_basis: str
    usd_per_hour: Decimal | None
    forced_by: Mapping[str, str]
    floor: ResolvedCpuPool | None = None

    @property
    def node_groups(self) -> tuple[ResolvedCpuPool, ...]:
        """The pool itself, and its floor."""
        return (self,) if self.floor is None else (self, self.floor)
