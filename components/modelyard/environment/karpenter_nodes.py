"""What only pools of Karpenter and of EKS Auto Mode have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from .declaration import Declaration
from .patterns import NODE_IMAGE_RELEASE_PATTERN
from .recurrence import parse_recurrence


def _recurrence(text: str) -> str:
    parse_recurrence(text)
    return text


class QuietHours(Declaration):
    """Meanwhile no node that a pod needs is exchanged, whatever has changed; empty ones still go."""

    recurrence: Annotated[str, AfterValidator(_recurrence)]
    """When they begin: five-field cron expression in UTC, for example ``0 8 * * 1-5``."""
    hours: Annotated[int, Field(ge=1, le=168)]
    """How long they last."""


class KarpenterNodes(Declaration):
    """When nodes come and go, and with which image (NodePool of karpenter.sh/v1, EC2NodeClass of
    karpenter.k8s.aws/v1)."""

    image_release: Annotated[str, StringConstraints(pattern=NODE_IMAGE_RELEASE_PATTERN)] | None = None
    """Release of the machine image: v20260915 of Amazon Linux 2023, v1.50.0 of Bottlerocket. Default: the newest, whose
    appearance exchanges all nodes. Not Auto Mode, whose images AWS chooses."""
    expire_hours: Annotated[int, Field(ge=0, le=8760)] | None = None
    """Nodes are exchanged at this age; 0: never. Default: 720 (Karpenter), 336 (Auto Mode, which allows 504), never in
    a reservation."""
    consolidate: Literal["when_empty", "when_underused"] | None = None
    """Which nodes go by themselves. Default: when_empty for GPU nodes, since a model that moves has to be loaded again;
    when_underused for others."""
    unused_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    """They go after so long."""
    quiet_hours: list[QuietHours] = []
    weight: Annotated[int, Field(ge=1, le=100)] | None = None
    """Of several pools that a pod may use, the one with more weight. Default: 30 for reservations, 20 for a floor, 10
    for spot, none on demand."""
