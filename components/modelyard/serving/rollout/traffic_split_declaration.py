"""Arguments of a traffic split, checked and completed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from ...environment.declaration import Declaration
from ...environment.gateway import Hostname
from ...environment.names import ModelName
from ...environment.rollout import Rollout
from ...governance.arguments import read_arguments
from ...governance.ownership import Ownership, OwnershipArgs
from ..workload.declaration import GATEWAY, GatewayDeclaration
from ..workload.placement import Gateway
from ..workload.server import PathMatch, Route
from .split import Side, Split
from .traffic_split_args import TrafficSplitArgs


class PathMatchDeclaration(Declaration):
    """A path that the gateway lets through."""

    kind: Literal["Exact", "PathPrefix", "RegularExpression"]
    path: Annotated[str, StringConstraints(pattern=r"^/[^\s]*$", max_length=1024)]


class RouteDeclaration(Declaration):
    """Paths that go to one port."""

    port: Annotated[int, Field(ge=1, le=65535)]
    matches: Annotated[list[PathMatchDeclaration], Field(min_length=1, max_length=64)]
    inference: bool = False
    rewrite: str | None = None


class SideDeclaration(Declaration):
    """One version, behind a Service of its own."""

    service: Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]
    routes: Annotated[list[RouteDeclaration], Field(min_length=1, max_length=5)]


class TrafficSplitDeclaration(Declaration):
    """Same keys as :class:`~modelyard.serving.rollout.traffic_split_args.TrafficSplitArgs`."""

    ownership: Mapping[str, Any]
    model: ModelName
    hostname: Hostname
    stable: SideDeclaration
    canary: SideDeclaration | None = None
    rollout: Rollout
    gateway: GatewayDeclaration | None = None
    request_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 60

    @model_validator(mode="after")
    def _sides_fit(self) -> TrafficSplitDeclaration:
        if self.rollout.by != "gateway":
            raise ValueError(f"rollout.by is {self.rollout.by}, which has routes of its own; a split is by: gateway")
        if (self.canary is None) != (self.rollout.canary is None):
            named, lacking = ("rollout.canary", "canary") if self.canary is None else ("canary", "rollout.canary")
            raise ValueError(f"{named} is given and {lacking} is not; name both, or neither")
        if self.canary is not None:
            if self.canary.service == self.stable.service:
                raise ValueError(
                    f"stable.service and canary.service are both {self.stable.service!r}; each version has a Service "
                    "of its own"
                )
            if [_kind(route) for route in self.stable.routes] != [_kind(route) for route in self.canary.routes]:
                raise ValueError(
                    "stable.routes and canary.routes differ in more than paths; a canary is of the same runtime as the "
                    "stable version"
                )
        return self


def declaration(name: str, args: TrafficSplitArgs) -> TrafficSplitDeclaration:
    """The arguments with their defaults.

    Raises:
        InvalidEnvironment: unknown keys, missing keys or values that do not fit, all at once.
    """
    return read_arguments(TrafficSplitDeclaration, args, TrafficSplitArgs, f"TrafficSplit {name}")


def declared_split(declared: TrafficSplitDeclaration) -> Split:
    """What the route and its policy are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    args: OwnershipArgs = declared.ownership  # type: ignore[assignment]
    ownership = Ownership.of(args).of_model(declared.model)
    gateway = declared.gateway
    return Split(
        name=declared.model,
        namespace=ownership.department,
        hostname=declared.hostname,
        gateway=GATEWAY if gateway is None else Gateway(gateway.name, gateway.namespace),
        labels=ownership.kubernetes_labels(),
        stable=_side(declared.stable),
        canary=None if declared.canary is None else _side(declared.canary),
        request_timeout_seconds=declared.request_timeout_seconds,
    ).as_declared(declared.rollout)


def side_args(side: Side) -> dict[str, Any]:
    """A side as the component takes it."""
    return {
        "service": side.service,
        "routes": [
            {
                "port": route.port,
                "matches": [{"kind": match.kind, "path": match.path} for match in route.matches],
                "inference": route.inference,
                **({} if route.rewrite is None else {"rewrite": route.rewrite}),
            }
            for route in side.routes
        ],
    }


def _side(side: SideDeclaration) -> Side:
    routes = tuple(
        Route(
            route.port,
            tuple(PathMatch(match.kind, match.path) for match in route.matches),
            route.inference,
            route.rewrite,
        )
        for route in side.routes
    )
    return Side(side.service, routes)


def _kind(route: RouteDeclaration) -> tuple[int, bool, str | None]:
    return route.port, route.inference, route.rewrite
