"""A pool of GPU nodes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from .declaration import Declaration
from .names import AcceleratorName, PoolName
from .patterns import LABEL_KEY_PATTERN, LABEL_VALUE_PATTERN, NAME_PATTERN
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
    """At these times the pool's limits become these; the next schedule changes them again."""

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


class PoolUpdate(Declaration):
    """How many nodes an update takes at a time (EKS NodegroupUpdateConfig): a count or a percentage."""

    max_unavailable: Annotated[int, Field(ge=1, le=100)] | None = None
    max_unavailable_percentage: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _one(self) -> PoolUpdate:
        if (self.max_unavailable is None) == (self.max_unavailable_percentage is None):
            raise ValueError("needs exactly one of max_unavailable, max_unavailable_percentage")
        return self


class GpuPool(Declaration):
    """A node group of machines with one kind of accelerator."""

    name: PoolName
    accelerator: AcceleratorName
    """Name of the accelerator as ``modelyard`` lists it: T4, L4, A10G, L40S, A100-40GB, H100, ..."""
    gpus_per_node: Annotated[int, Field(ge=1, le=16)] = 1
    instance_types: list[str] = []
    """In order of preference: the group takes the next when the one before has no capacity.
    Default: the types of the region with this accelerator and count, cheapest first, at most three."""
    capacity: Literal["on_demand", "spot"] = "on_demand"
    min_nodes: Annotated[int, Field(ge=0, le=10_000)] = 0
    desired_nodes: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Nodes at creation, after that owned by the node autoscaler. Default: min_nodes."""
    max_nodes: Annotated[int, Field(ge=1, le=10_000)] = 1
    zones: list[str] | None = None
    """Availability zones, if not all of the cluster's."""
    disk_gib: Annotated[int, Field(ge=50, le=16384)] = 200
    """Root volume: a Triton image alone unpacks to more than 20 GiB."""
    image: Literal["al2023_nvidia", "bottlerocket_nvidia"] = "al2023_nvidia"
    """GPU machine image; the architecture follows from the instance types."""
    labels: dict[LabelKey, LabelValue] = {}
    taints: list[Taint] = []
    """Besides nvidia.com/gpu=present:NoSchedule, which every GPU pool has."""
    update: PoolUpdate = PoolUpdate(max_unavailable=1)
    repair: bool = True
    """EKS replaces nodes that its node monitoring agent finds broken."""
    schedules: list[PoolSchedule] = []

    @model_validator(mode="after")
    def _ordered(self) -> GpuPool:
        if self.min_nodes > self.max_nodes:
            raise ValueError(
                f"min_nodes {self.min_nodes} exceeds max_nodes {self.max_nodes}; raise max_nodes or lower min_nodes"
            )
        if self.desired_nodes is not None and not self.min_nodes <= self.desired_nodes <= self.max_nodes:
            raise ValueError(
                f"desired_nodes {self.desired_nodes} must lie between min_nodes {self.min_nodes} and max_nodes "
                f"{self.max_nodes}"
            )
        return self

    @model_validator(mode="after")
    def _schedules_keep_apart(self) -> GpuPool:
        for position, schedule in enumerate(self.schedules):
            for earlier in self.schedules[:position]:
                if earlier.name == schedule.name:
                    raise ValueError(f"two schedules are named {schedule.name!r}; rename one")
                same_zone = earlier.timezone == schedule.timezone
                if same_zone and parse_recurrence(earlier.recurrence).meets(parse_recurrence(schedule.recurrence)):
                    raise ValueError(
                        f"the schedules {earlier.name!r} ({earlier.recurrence}) and {schedule.name!r} "
                        f"({schedule.recurrence}) start at the same minute; EC2 Auto Scaling refuses that: move one"
                    )
        return self
