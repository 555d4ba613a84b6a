"""How the nodes of a pool are exchanged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .declaration import Declaration


class PoolUpdate(Declaration):
    """How many nodes an update takes at a time, and how long it waits for them (EKS NodegroupUpdateConfig, GKE
    UpgradeSettings, AKS upgradeSettings)."""

    max_unavailable: Annotated[int, Field(ge=0, le=100)] | None = None
    """Nodes that may be missing meanwhile."""
    max_unavailable_percentage: Annotated[int, Field(ge=1, le=100)] | None = None
    """The same as a share of the nodes, in percent; not GKE."""
    max_surge: Annotated[int, Field(ge=0, le=100)] | None = None
    """Nodes that come beyond the pool's size first (GKE, AKS; Karpenter and EKS bring new nodes before old ones go by
    themselves). GPU nodes need as much quota."""
    strategy: Literal["rolling", "blue_green"] = "rolling"
    """blue_green: a whole new set of nodes first (GKE)."""
    drain_timeout_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    """Pods have so long to leave a node (AKS, GKE, Karpenter's grace period). Default: the cloud's."""
    soak_minutes: Annotated[int, Field(ge=0, le=10080)] | None = None
    """After each node, or with blue_green before the old nodes go, the update waits for so long (AKS, GKE)."""

    @model_validator(mode="after")
    def _moves(self) -> PoolUpdate:
        if self.max_unavailable is not None and self.max_unavailable_percentage is not None:
            raise ValueError("names both max_unavailable and max_unavailable_percentage; keep one")
        if not self.max_unavailable and self.max_unavailable_percentage is None and not self.max_surge:
            raise ValueError("moves no node: needs one of max_unavailable, max_unavailable_percentage, max_surge")
        return self
