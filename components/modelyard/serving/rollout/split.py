"""Traffic of one model, split between its stable version and a canary: plain, complete, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...environment.rollout import Rollout, Sticky
from ..workload.placement import Gateway
from ..workload.server import Route

Track = Literal["stable", "canary"]

TRACK = "modelyard.dev/track"
"""Label that says on which side an object is."""
BACKEND: dict[Track, int] = {"stable": 0, "canary": 1}
"""Place of each side among the backends of a rule, also while the other has no weight: the gateway numbers what it
measures by it, and keeps callers by it."""


@dataclass(frozen=True, slots=True)
class Side:
    """One version, behind a Service of its own."""

    service: str
    routes: tuple[Route, ...]
    """What its server answers. Both sides are of the same runtime; paths that name a version differ."""


@dataclass(frozen=True, slots=True)
class Split:
    """One hostname, and who answers it. Whether the Services lead to Deployments of ours or of a controller's makes
    no difference."""

    name: str
    """Of the route and its policy: the model's."""
    namespace: str
    hostname: str
    gateway: Gateway
    labels: Mapping[str, str]
    stable: Side
    canary: Side | None = None
    percent: int = 0
    """Of the requests, to the canary."""
    mirror_percent: int = 0
    """Of the requests, copied to the canary besides."""
    sticky: Sticky | None = None
    request_timeout_seconds: int = 60

    @property
    def weights(self) -> dict[Track, int]:
        """What each side gets of a hundred."""
        canary = 0 if self.canary is None else self.percent
        return {"stable": 100 - canary, "canary": canary}

    def as_declared(self, rollout: Rollout) -> Split:
        """The same with the declaration's shares. A controller that owns them begins at 0."""
        return replace(self, percent=rollout.percent, mirror_percent=rollout.mirrored, sticky=rollout.sticky)

    def metadata(self) -> dict[str, Any]:
        """``metadata`` of the route and its policy."""
        return {"name": self.name, "namespace": self.namespace, "labels": dict(self.labels)}
