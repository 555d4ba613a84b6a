"""How the machines of a pool are bought."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .declaration import Declaration
from .patterns import ONE_LINE_PATTERN

Capacity = Literal["on_demand", "spot", "reservation", "capacity_block", "queued", "flex_start"]
"""on_demand: as long as wanted. spot: cheaper, and taken back at short notice. reservation: paid for already, whether
used or not. capacity_block: a reservation of EC2 for a fixed time (Capacity Blocks for ML). queued: nodes of GKE that
come all at once when Dynamic Workload Scheduler has them. flex_start: nodes of GKE that come when there are some and go
after a fixed time."""


class Reservation(Declaration):
    """Capacity that is reserved already."""

    id: Annotated[str, StringConstraints(pattern=ONE_LINE_PATTERN, min_length=1, max_length=512)]
    """EKS: id of a capacity reservation (cr-0a1b2c3d4e5f67890) or ARN of a resource group of them. GKE: name of a
    reservation, or projects/<project>/reservations/<name> of another project. AKS: resource id of a capacity
    reservation group."""
    affinity: Literal["specific", "any"] = "specific"
    """specific: nodes start in this reservation alone, and wait where it is full. any: an open reservation is used
    where it matches, and nodes start on demand where none does (GKE and EKS)."""


class Spot(Declaration):
    """Settings of spot capacity."""

    on_demand_floor: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Nodes of the same machines on demand, which run whatever happens to the others: a second pool, named
    <pool>-floor. Karpenter and Auto Mode bring them first, when pods ask."""
    eviction: Literal["delete", "deallocate"] | None = None
    """AKS: what becomes of a node that is taken back. Default: delete, and a new node comes elsewhere."""
    max_usd_per_hour: Annotated[float, Field(gt=0)] | None = None
    """AKS: nodes go where the price is higher. Default: the on-demand price."""


class FlexStart(Declaration):
    """Settings of flex_start capacity of GKE; of queued nodes each ProvisioningRequest says how long they run."""

    max_run_hours: Annotated[int, Field(ge=1, le=168)] = 168
    """Nodes are deleted after so long; Dynamic Workload Scheduler allows seven days."""
