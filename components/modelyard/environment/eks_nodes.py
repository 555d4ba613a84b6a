"""What only managed node groups of EKS have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from .declaration import Declaration
from .patterns import NODE_GROUP_RELEASE_PATTERN


class EksNodes(Declaration):
    """How a node group's image, updates and repairs are held (EKS API reference, Nodegroup and NodeRepairConfig)."""

    image_release: Annotated[str, StringConstraints(pattern=NODE_GROUP_RELEASE_PATTERN)] | None = None
    """Release of the machine image, of the nodes' Kubernetes version: 1.35.2-20260915 of Amazon Linux 2023,
    1.50.0-0a1b2c3d of Bottlerocket. Default: the newest when the group is made or gets another version of
    Kubernetes."""
    force_update: bool = False
    """Whether an update ends pods that cannot leave a node in 15 minutes, such as those that a disruption budget
    keeps. Otherwise it fails, and the nodes stay as they were."""
    repair_at_once: Annotated[int, Field(ge=1, le=100)] | None = None
    """Nodes that are repaired at a time. Default: as many as EKS sees fit."""
    repair_stops_at_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Where more of the nodes are broken, none is replaced: something else is wrong. Default: EKS' own."""
