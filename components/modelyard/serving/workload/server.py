"""What a serving runtime says of its container; everything else of a workload is the same for all runtimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

REPOSITORY = "/models"
"""Where the models are mounted, read-only."""
SETTINGS = "/etc/modelyard"
"""Where a server's own configuration files are mounted, read-only."""

GRPC = "kubernetes.io/h2c"
"""``app_protocol`` of a port that speaks gRPC in clear text."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the container and of the Service. Whoever is not named by ``open_to`` does not reach it."""

    name: str
    number: int
    open_to: Literal["gateway", "prometheus", "gateway and prometheus", "nobody"]
    """``nobody``: in the pod alone, and not a port of the Service either."""
    app_protocol: str | None = None
    """``http``, or :data:`GRPC`."""

    def is_open_to(self, who: Literal["gateway", "prometheus"]) -> bool:
        return who in self.open_to.split(" and ")


@dataclass(frozen=True, slots=True)
class PathMatch:
    """A path that the gateway lets through."""

    kind: Literal["Exact", "PathPrefix", "RegularExpression"]
    path: str


@dataclass(frozen=True, slots=True)
class Route:
    """Paths that go to one port. What no route names has no way in from outside."""

    port: int
    matches: tuple[PathMatch, ...]
    inference: bool = False
    """Whether requests are counted as inference: the gateway measures latency by route, so that these have their own.
    They come first."""
    rewrite: str | None = None
    """Path that the server knows in place of the one that callers send (``ReplacePrefixMatch``)."""


@dataclass(frozen=True, slots=True)
class Health:
    """An HTTP endpoint that answers 200 when every model can be asked."""

    path: str
    port: int


@dataclass(frozen=True, slots=True)
class Server:
    """One runtime, configured. Values of ``image`` and ``env`` may be Pulumi outputs."""

    runtime: str
    """``app.kubernetes.io/name`` of the pods, and the container's name."""
    image: Any
    ports: tuple[Port, ...]
    routes: tuple[Route, ...]
    ready: Health
    user: int
    """uid and gid that the image's files allow it to run as."""
    live: Health | None = None
    """None: readiness, with more patience."""
    command: tuple[str, ...] = ()
    """Empty: the image's entrypoint."""
    args: tuple[str, ...] = ()
    env: tuple[Mapping[str, Any], ...] = ()
    """Variables of the runtime's own, before the user's."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Configuration files by name, below :data:`SETTINGS`; a change of them rolls the pods."""
    scaling_metric: str | None = None
    """Custom metric of a pod that the autoscaler follows; None: the runtime has none for its queue."""
    metrics_path: str = "/metrics"

    def port(self, name: str) -> int:
        return next(port.number for port in self.ports if port.name == name)
