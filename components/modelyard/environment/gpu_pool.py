"""A pool of GPU nodes, on any cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .aks_nodes import AksNodes
from .declaration import Declaration
from .eks_nodes import EksNodes
from .gpu_sharing import GpuSharing
from .image_start import ImageStart
from .karpenter_nodes import KarpenterNodes
from .names import AcceleratorName, PoolName
from .node_capacity import Capacity, FlexStart, Reservation, Spot
from .node_limits import check_limits
from .patterns import LABEL_KEY_PATTERN, LABEL_VALUE_PATTERN, NAME_PATTERN
from .pool_update import PoolUpdate
from .recurrence import check_timezone, parse_recurrence

LabelKey = Annotated[str, StringConstraints(pattern=LABEL_KEY_PATTERN, max_length=316)]
LabelValue = Annotated[str, StringConstraints(pattern=LABEL_VALUE_PATTERN, max_length=63)]


def _recurrence(text: str) -> str:
    parse_recurrence(text)
    return text


class Taint(Declaration):
    key: LabelKey
    value: LabelValue = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = "NoSchedule"


class PoolSchedule(Declaration):
    """At these times the pool's limits become these; the next schedule changes them again.

    All three are changed in managed pools of EKS. Elsewhere only min_nodes is, so that one declaration for every cloud
    has the pool's max_nodes, and desired_nodes as min_nodes.
    """

    name: Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=30)]
    recurrence: Annotated[str, AfterValidator(_recurrence)]
    """Five-field cron expression, for example ``0 20 * * 1-5``."""
    timezone: Annotated[str, AfterValidator(check_timezone)] = "Etc/UTC"
    """IANA time zone, for example Europe/London."""
    min_nodes: Annotated[int, Field(ge=0, le=10_000)]
    desired_nodes: Annotated[int, Field(ge=0, le=10_000)]
    max_nodes: Annotated[int, Field(ge=0, le=10_000)]

    @model_validator(mode="after")
    def _ordered(self) -> PoolSchedule:
        if not self.min_nodes <= self.desired_nodes <= self.max_nodes:
            raise ValueError(
                f"min_nodes {self.min_nodes}, desired_nodes {self.desired_nodes} and max_nodes {self.max_nodes} "
                "must not fall in this order"
            )
        return self


def check_schedules(schedules: Sequence[PoolSchedule]) -> None:
    """
    Raises:
        ValueError: two of one pool have one name, or start at the same minute.
    """
    for position, schedule in enumerate(schedules):
        for earlier in schedules[:position]:
            if earlier.name == schedule.name:
                raise ValueError(f"two schedules are named {schedule.name!r}; rename one")
            same_zone = earlier.timezone == schedule.timezone
            if same_zone and parse_recurrence(earlier.recurrence).meets(parse_recurrence(schedule.recurrence)):
                raise ValueError(
                    f"the schedules {earlier.name!r} ({earlier.recurrence}) and {schedule.name!r} "
                    f"({schedule.recurrence}) start at the same minute, and nobody can say which is the last: move one"
                )


Provisioner = Literal["managed", "karpenter", "auto_mode", "compute_class"]
Image = Literal["al2023_nvidia", "bottlerocket_nvidia", "cos", "ubuntu", "azure_linux"]


class GpuDriver(Declaration):
    """Who installs NVIDIA's driver, and which."""

    by: Literal["image", "cloud", "gpu_operator"] | None = None
    """image: it is in the machine image (EKS). cloud: the cloud installs it when a node starts (GKE, AKS).
    gpu_operator: NVIDIA's operator does, as pods. Default: image on EKS, cloud on GKE and AKS."""
    version: Literal["default", "latest"] = "default"
    """GKE: which of its drivers."""


class LocalSsd(Declaration):
    """Disks that are in the machine, and end with the node."""

    use: Literal["ephemeral", "block"] = "ephemeral"
    """ephemeral: images, logs and emptyDir lie there. block: raw disks for pods."""
    count: Annotated[int, Field(ge=1, le=32)] | None = None
    """GKE: disks of 375 GiB, where the machine type lets one choose. Default: those that the machine has."""


class GpuPool(Declaration):
    """Nodes with one kind of accelerator: the same declaration on EKS, GKE and AKS."""

    name: PoolName
    accelerator: AcceleratorName
    """Name of the accelerator as ``modelyard`` lists it: T4, L4, A10G, L40S, A100-40GB, H100, ..."""
    gpus_per_node: Annotated[int, Field(ge=1, le=16)] = 1
    instance_types: list[str] = []
    """In order of preference: EKS takes the next when the one before has no capacity; GKE and AKS take one.
    Default: the types of the region with this accelerator and count, cheapest first, at most three."""
    provisioner: Provisioner = "managed"
    """managed: node groups and node pools of the cloud. karpenter: a NodePool and an EC2NodeClass of Karpenter (EKS).
    auto_mode: a NodePool of EKS Auto Mode. compute_class: a ComputeClass of GKE, which makes node pools itself."""
    capacity: Capacity = "on_demand"
    spot: Spot | None = None
    reservation: Reservation | None = None
    flex_start: FlexStart | None = None
    min_nodes: Annotated[int, Field(ge=0, le=10_000)] = 0
    desired_nodes: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: Annotated[int, Field(ge=1, le=10_000)] = 1
    zones: Annotated[list[str], Field(min_length=1)] | None = None
    """Availability zones, if not all of the cluster's."""
    disk_gib: Annotated[int, Field(ge=50, le=16384)] = 200
    """Root volume: a Triton image alone unpacks to more than 20 GiB."""
    local_ssd: LocalSsd | None = None
    """Default: left unused."""
    image_start: ImageStart | None = None
    """How images of many gigabytes come to a new node. Default: they are pulled; on GKE as gke.image_streaming says."""
    image: Image | None = None
    """Machine image; the architecture follows from the instance types. EKS: al2023_nvidia (default),
    bottlerocket_nvidia. GKE: cos (default), ubuntu. AKS: ubuntu (default), azure_linux."""
    driver: GpuDriver = GpuDriver()
    sharing: GpuSharing | None = None
    """Default: a GPU belongs to one pod."""
    dra: bool = False
    """Whether Kubernetes' Dynamic Resource Allocation hands out its GPUs: pods claim them, as models that run there do,
    and cannot ask for nvidia.com/gpu. On Kubernetes 1.34 and later."""
    compact: bool = False
    """Whether nodes stand close together: a cluster placement group (EKS), compact placement (GKE), a proximity
    placement group (AKS). Never forced where a reservation says where nodes stand."""
    fabric: bool = False
    """Whether nodes join the cloud's network for GPUs: EFA (EKS), GPUDirect (GKE), InfiniBand (AKS)."""
    labels: dict[LabelKey, LabelValue] = {}
    taints: list[Taint] = []
    """Besides nvidia.com/gpu=present:NoSchedule, which every GPU pool has."""
    update: PoolUpdate = PoolUpdate(max_unavailable=1)
    repair: bool = True
    """Whether the cloud replaces nodes that it finds broken."""
    schedules: list[PoolSchedule] = []
    eks: EksNodes | None = None
    """What only managed pools of EKS have. Default: its defaults."""
    karpenter: KarpenterNodes | None = None
    """What only pools of Karpenter and of EKS Auto Mode have. Default: its defaults."""
    aks: AksNodes | None = None
    """What only nodes of AKS have. Default: aks.nodes of the cluster."""

    @model_validator(mode="after")
    def _ordered(self) -> GpuPool:
        check_limits(self)
        return self

    @model_validator(mode="after")
    def _buys_one_way(self) -> GpuPool:
        found = []
        if self.spot is not None and self.capacity != "spot":
            found.append(f"spot is for capacity: spot, and capacity is {self.capacity}; delete spot, or set capacity")
        elif self.spot is not None and self.spot.on_demand_floor >= self.max_nodes:
            found.append(
                f"spot.on_demand_floor {self.spot.on_demand_floor} leaves no spot node of max_nodes {self.max_nodes}; "
                "lower it, or raise max_nodes"
            )
        if self.flex_start is not None and self.capacity not in ("queued", "flex_start"):
            found.append(
                f"flex_start is for capacity: flex_start, and capacity is {self.capacity}; delete it, or set capacity"
            )
        reserved = self.capacity in ("reservation", "capacity_block")
        if reserved and self.reservation is None:
            found.append(f"capacity {self.capacity} needs reservation: {{id: ...}}; add it")
        if self.reservation is not None and not reserved:
            found.append(
                f"reservation is for capacity: reservation or capacity_block, and capacity is {self.capacity}; delete "
                "it, or set capacity"
            )
        if found:
            raise ValueError("; and ".join(found))
        return self

    @model_validator(mode="after")
    def _schedules_keep_apart(self) -> GpuPool:
        check_schedules(self.schedules)
        return self
