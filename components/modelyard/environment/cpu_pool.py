"""A pool of nodes without accelerators, for models and other pods that need none."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .aks_nodes import AksNodes
from .declaration import Declaration
from .eks_nodes import EksNodes
from .gpu_pool import LabelKey, LabelValue, PoolSchedule, Taint, check_schedules
from .karpenter_nodes import KarpenterNodes
from .names import PoolName
from .node_capacity import Spot
from .node_limits import check_limits
from .pool_update import PoolUpdate


class CpuPool(Declaration):
    """Machines of one shape. Pods come there by the label modelyard.dev/pool, or because nothing keeps them away."""

    name: PoolName
    instance_types: Annotated[list[str], Field(min_length=1)]
    """In order of preference: EKS takes the next when the one before has no capacity; GKE and AKS take one."""
    provisioner: Literal["managed", "karpenter", "auto_mode", "compute_class"] = "managed"
    """As of a GPU pool."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    spot: Spot | None = None
    min_nodes: Annotated[int, Field(ge=0, le=10_000)] = 0
    desired_nodes: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: Annotated[int, Field(ge=1, le=10_000)] = 1
    zones: Annotated[list[str], Field(min_length=1)] | None = None
    """Availability zones, if not all of the cluster's."""
    disk_gib: Annotated[int, Field(ge=20, le=16384)] = 80
    image: Literal["al2023", "bottlerocket", "cos", "ubuntu", "azure_linux"] | None = None
    """Machine image. Default: al2023 (EKS), cos (GKE), ubuntu (AKS)."""
    labels: dict[LabelKey, LabelValue] = {}
    taints: list[Taint] = []
    update: PoolUpdate = PoolUpdate(max_unavailable=1)
    repair: bool = True
    """Whether the cloud replaces nodes that it finds broken."""
    schedules: list[PoolSchedule] = []
    eks: EksNodes | None = None
    """What only managed pools of EKS have. Default: its defaults."""
    karpenter: KarpenterNodes | None = None
    """What only pools of Karpenter and of EKS Auto Mode have. Default: its defaults."""
    system: bool = False
    """AKS: whether its nodes are system nodes, which the cluster's own pods prefer. Machines that cannot change in the
    first ones come this way."""
    aks: AksNodes | None = None
    """What only nodes of AKS have. Default: aks.nodes of the cluster."""

    @model_validator(mode="after")
    def _ordered(self) -> CpuPool:
        check_limits(self)
        if self.spot is not None and self.capacity != "spot":
            raise ValueError(
                f"spot is for capacity: spot, and capacity is {self.capacity}; delete spot, or set capacity"
            )
        if self.spot is not None and self.spot.on_demand_floor >= self.max_nodes:
            raise ValueError(
                f"spot.on_demand_floor {self.spot.on_demand_floor} leaves no spot node of max_nodes {self.max_nodes}; "
                "lower it, or raise max_nodes"
            )
        return self

    @model_validator(mode="after")
    def _schedules_keep_apart(self) -> CpuPool:
        check_schedules(self.schedules)
        return self
