"""Arguments of :class:`~modelyard.serving.rollout.traffic_split.TrafficSplit`.

Keys of ``rollout`` are those of the declaration of the same name; a test holds them equal. The annotations stay real
objects (no postponed evaluation): Pulumi's component analyzer reads them.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from modelyard.governance.ownership import OwnershipArgs
from modelyard.serving.workload.args import GatewayArgs


class BusinessGateArgs(TypedDict):
    """A number of the user's own, asked of Prometheus."""

    query: str
    """PromQL with one result. It is asked as it stands, so it names the canary itself."""
    min: NotRequired[float]
    """The least that passes."""
    max: NotRequired[float]
    """The most that passes."""


class GatesArgs(TypedDict):
    """What the canary must hold before it gets more traffic."""

    error_rate: NotRequired[float]
    """Share of its answers that may be server errors, counted at the gateway."""
    p99_ms: NotRequired[float]
    """99th percentile of its answer time at the gateway, in milliseconds."""
    business: NotRequired[BusinessGateArgs]
    """A number of the user's own. Default: none."""
    window_minutes: NotRequired[int]
    """How far back the gates look. Default: 5."""
    least_requests: NotRequired[int]
    """Below so many requests in that window error_rate and p99_ms say nothing, and nothing is promoted by them.
    Default: 100."""


class StickyArgs(TypedDict):
    """What keeps a caller on one side: a header that callers send, or a cookie that the gateway hands out."""

    header: NotRequired[str]
    """Header whose value is the user, for example x-user-id. A request without it goes to either side."""
    cookie: NotRequired[str]
    """Cookie by this name."""
    cookie_hours: NotRequired[int]
    """How long a browser keeps the cookie. Default: 24."""


class RolloutArgs(TypedDict):
    """One canary beside one stable version."""

    stable: int
    """Version that serves everybody else."""
    canary: NotRequired[int]
    """Version that is tried; its folder lies beside the stable one. Default: none, and all traffic is stable's."""
    percent: NotRequired[int]
    """Share of the requests that the canary answers: 0, or one of the steps. Owned by the controller where ``by``
    names one. Default: 0."""
    steps: NotRequired[Sequence[int]]
    """Shares on the way, rising to 100. Default: 10, 50, 100."""
    pause_minutes: NotRequired[int]
    """How long a share is held at least before the next. Default: 30."""
    gates: NotRequired[GatesArgs]
    """What the canary must hold before it gets more traffic. Default: nothing."""
    sticky: NotRequired[StickyArgs]
    """Default: every request goes to either side by chance."""
    mirror_percent: NotRequired[int]
    """While percent is 0, so much of the traffic is sent to the canary too; its answers are thrown away. Default: 0."""
    by: NotRequired[str]
    """Who moves the traffic: this declaration, or a controller that also judges the gates. gateway, argo_rollouts or
    flagger. Default: gateway."""


class PathMatchArgs(TypedDict):
    """A path that the gateway lets through."""

    kind: str
    """Exact, PathPrefix or RegularExpression."""
    path: str
    """Begins with a slash."""


class RouteArgs(TypedDict):
    """Paths that go to one port."""

    port: int
    """Of the Service."""
    matches: Sequence[PathMatchArgs]
    """Paths; what no route names has no way in from outside."""
    inference: NotRequired[bool]
    """Whether requests are counted as inference. Default: false."""
    rewrite: NotRequired[str]
    """Path that the server knows in place of the one that callers send. Default: the same."""


class SideArgs(TypedDict):
    """One version, behind a Service of its own."""

    service: str
    """Name of the Service, in the department's namespace."""
    routes: Sequence[RouteArgs]
    """What its server answers. Both sides have the same routes in the same order; paths that name a version differ."""


class TrafficSplitArgs(TypedDict):
    """One model's hostname, and who answers it."""

    ownership: OwnershipArgs
    """Who pays. The department is also the namespace, which must exist."""
    model: str
    """Name of the model, and of its HTTPRoute: lower-case letters, digits and hyphens, at most 40."""
    hostname: str
    """Where the model answers through the gateway."""
    stable: SideArgs
    """The stable version."""
    canary: NotRequired[SideArgs]
    """The canary; needed where the rollout names one."""
    rollout: RolloutArgs
    """How the traffic is split. by must be gateway: another controller has routes of its own."""
    gateway: NotRequired[GatewayArgs]
    """Default: the gateway ``modelyard`` in ``gateway-system``, which the platform installs."""
    request_timeout_seconds: NotRequired[int]
    """The gateway ends a request after so long. Default: 60."""
