"""A new version of a model beside the one that serves: how much of the traffic it gets, and what it must hold to get
more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from math import ceil
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from .declaration import Declaration

RolloutController = Literal["gateway", "argo_rollouts", "flagger"]

OWN_DEPLOYMENTS = ("triton", "tensorflow_serving", "torchserve")
"""Runtimes whose Deployments are ours, so that another controller can be given them."""

_HEADER_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,127}")
_COOKIE_HOURS = 24
_COOKIE_PATTERN = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class BusinessGate(Declaration):
    """A number of the user's own, asked of Prometheus."""

    query: Annotated[str, Field(min_length=1, max_length=4096)]
    """PromQL with one result. It is asked as it stands, so it names the canary itself."""
    min: float | None = None
    """The least that passes."""
    max: float | None = None
    """The most that passes."""

    @model_validator(mode="after")
    def _bounded(self) -> BusinessGate:
        if self.min is None and self.max is None:
            raise ValueError("has neither min nor max, so every value would pass; give one of them, or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} exceeds max {self.max:g}, so no value could pass; exchange them")
        return self


class Gates(Declaration):
    """What the canary must hold before it gets more traffic; a gate that is not named is not asked."""

    error_rate: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of its answers that may be server errors, counted at the gateway."""
    p99_ms: Annotated[float, Field(ge=1, le=600_000)] | None = None
    """99th percentile of its answer time at the gateway, in milliseconds."""
    business: BusinessGate | None = None
    window_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """How far back the gates look."""
    least_requests: Annotated[int, Field(ge=1)] = 100
    """Below so many requests in that window error_rate and p99_ms say nothing, and nothing is promoted by them."""

    @property
    def are_named(self) -> bool:
        """Whether any is asked."""
        return any(gate is not None for gate in (self.error_rate, self.p99_ms, self.business))


class Sticky(Declaration):
    """What keeps a caller on one side: a header that callers send, or a cookie that the gateway hands out."""

    header: str | None = None
    """Header whose value is the user, for example x-user-id. A request without it goes to either side."""
    cookie: str | None = None
    """Cookie by this name."""
    cookie_hours: Annotated[int, Field(ge=1, le=8760)] = _COOKIE_HOURS
    """How long a browser keeps the cookie."""

    @field_validator("header")
    @classmethod
    def _is_a_header(cls, header: str | None) -> str | None:
        if header is not None and not _HEADER_PATTERN.fullmatch(header):
            raise ValueError(f"{header!r} is no header's name; allowed are letters, digits and hyphens, at most 128")
        return header

    @field_validator("cookie")
    @classmethod
    def _is_a_cookie(cls, cookie: str | None) -> str | None:
        if cookie is not None and not _COOKIE_PATTERN.fullmatch(cookie):
            raise ValueError(
                f"{cookie!r} is no cookie's name; allowed are letters, digits, dots, hyphens and underscores, at most "
                "128"
            )
        return cookie

    @model_validator(mode="after")
    def _one_of_them(self) -> Sticky:
        if (self.header is None) == (self.cookie is None):
            found = "both" if self.header is not None else "neither"
            raise ValueError(f"names {found} of header and cookie; name one: {{header: x-user-id}} or {{cookie: side}}")
        if self.header is not None and self.cookie_hours != _COOKIE_HOURS:
            raise ValueError("cookie_hours is for a cookie, and header is named; delete it")
        return self


class Rollout(Declaration):
    """One canary beside one stable version.

    A promotion changes ``percent`` to the next step, a rollback changes it to 0: one line each. At 100 the next change
    makes ``stable`` the canary's version and takes ``canary`` away.
    """

    stable: Annotated[int, Field(ge=1)]
    """Version that serves everybody else."""
    canary: Annotated[int, Field(ge=1)] | None = None
    """Version that is tried; its folder lies beside the stable one. Default: none, and all traffic is stable's."""
    percent: int = 0
    """Share of the requests that the canary answers: 0, or one of the steps. Owned by the controller where ``by``
    names one."""
    steps: Annotated[list[int], Field(min_length=1, max_length=20)] = [10, 50, 100]
    """Shares on the way, rising to 100."""
    pause_minutes: Annotated[int, Field(ge=0, le=10_080)] = 30
    """How long a share is held at least before the next."""
    gates: Gates = Gates()
    sticky: Sticky | None = None
    """Default: every request goes to either side by chance."""
    mirror_percent: Annotated[int, Field(ge=0, le=100)] = 0
    """While percent is 0, so much of the traffic is sent to the canary too; its answers are thrown away."""
    by: RolloutController = "gateway"
    """Who moves the traffic: this declaration, or a controller that also judges the gates."""

    @model_validator(mode="before")
    @classmethod
    def _has_a_stable_version(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("canary") is not None and given.get("stable") is None:
            raise ValueError(
                f"canary {given['canary']} has no stable version beside it; name in stable the version that serves now"
            )
        return given

    @field_validator("percent")
    @classmethod
    def _is_a_share(cls, percent: int) -> int:
        if percent > 100:
            raise ValueError(f"is {percent}, and a canary gets at most 100 % of the traffic; allowed: 0 to 100")
        if percent < 0:
            raise ValueError(f"is {percent}; allowed: 0, or one of the steps")
        return percent

    @field_validator("steps")
    @classmethod
    def _rise_to_100(cls, steps: list[int]) -> list[int]:
        shown = ", ".join(map(str, steps))
        if steps[-1] != 100:
            raise ValueError(f"[{shown}] ends at {steps[-1]}, not at 100; end with the step that gives all traffic")
        if steps[0] < 1 or any(later <= earlier for earlier, later in pairwise(steps)):
            raise ValueError(f"[{shown}] do not rise; write each share once, from above 0 up to 100")
        return steps

    @model_validator(mode="after")
    def _fits(self) -> Rollout:
        if self.canary == self.stable:
            raise ValueError(f"stable and canary are both {self.stable}; name another version, or no canary")
        if self.canary is None:
            wanted = "percent" if self.percent else "mirror_percent" if self.mirror_percent else None
            if wanted is not None:
                raise ValueError(f"{wanted} is {getattr(self, wanted)} and there is no canary; name its version")
        # What is no share at all is told where it stands.
        if _whole(self.percent, *self.steps) and 0 < self.percent <= 100 and self.percent not in self.steps:
            near = min(self.steps, key=lambda step: (abs(step - self.percent), step))
            raise ValueError(
                f"percent {self.percent} is none of the steps; allowed: 0, {', '.join(map(str, self.steps))}; did you "
                f"mean {near}?"
            )
        self._fits_its_controller()
        return self

    def _fits_its_controller(self) -> None:
        if self.by not in get_args(RolloutController) or self.by == "gateway":
            return
        if self.percent:
            raise ValueError(f"percent belongs to {self.by}, which moves it itself; delete percent, or set by: gateway")
        if self.mirror_percent:
            raise ValueError(f"mirror_percent is not {self.by}'s to do; mirror with by: gateway first")
        if self.by == "flagger" and self.sticky is not None and self.sticky.header is not None:
            raise ValueError(
                "sticky.header is not flagger's to do, which keeps callers by a cookie alone; name a cookie, or set "
                "by: gateway"
            )

    @property
    def next_percent(self) -> int:
        """The share that the next promotion gives; 100 at the end."""
        return next((step for step in self.steps if step > self.percent), 100)

    @property
    def mirrored(self) -> int:
        """Percent of the traffic that is copied now: none once the canary answers."""
        return self.mirror_percent if self.percent == 0 else 0

    def canary_replicas(self, replicas: int) -> int:
        """Of so many stable replicas, how many a canary needs so that the next promotion finds them there.

        With a controller the whole number, since it promotes to the end by itself.
        """
        if self.canary is None:
            return 0
        share = 100 if self.by != "gateway" else max(self.next_percent, self.mirrored)
        return ceil(replicas * share / 100)


def extra_replicas(rollout: Rollout | None, max_replicas: int) -> int:
    """Replicas that a rollout may add to a model of at most ``max_replicas``: room and money for them must be there.

    The stable side keeps all of its own, so that a rollback finds them.
    """
    return 0 if rollout is None else rollout.canary_replicas(max_replicas)


def rollout_sentence(rollout: Rollout) -> str:
    """Where a rollout stands, after the model's name."""
    if rollout.by != "gateway":
        return (
            f"is rolled out from version {rollout.stable} to {rollout.canary} by {rollout.by}, where an 'up' before "
            f"has set it up with stable alone; where none has, {rollout.by} serves version {rollout.canary} to "
            "everybody at once, without steps and gates"
        )
    shares = f"version {rollout.canary} answers {rollout.percent} % of its requests, version {rollout.stable} the rest"
    mirrored = f"; {rollout.mirrored} % are copied to version {rollout.canary}" if rollout.mirrored else ""
    then = "make it the stable one" if rollout.percent == 100 else f"percent: {rollout.next_percent} is the next step"
    return f"has a rollout: {shares}{mirrored}; {then}"


def runtime_problem(rollout: Rollout, runtime: str) -> str | None:
    """Why this runtime cannot be rolled out so, or None."""
    if rollout.by == "gateway" or runtime in OWN_DEPLOYMENTS:
        return None
    return (
        f"rollout.by is {rollout.by}, and the Deployments of {runtime} belong to its own controller; allowed: gateway "
        f"({rollout.by} serves {', '.join(OWN_DEPLOYMENTS)})"
    )


def _whole(*values: Any) -> bool:
    """What is no whole number is told where it stands."""
    return all(type(value) is int for value in values)


def canary_name(model: str, version: int) -> str:
    """``<model>-canary-v<version>``: of every object of a canary. Another canary has other objects, and never takes the
    place of one that answers."""
    return f"{model}-canary-v{version}"


def name_problem(model: str, rollout: Rollout, others: Iterable[str], noun: str = "model") -> str | None:
    """Why a name of the rollout's own is taken in the department's namespace, by one of ``others``, each a ``noun``; or
    None."""
    for name in _names(model, rollout):
        if name in others:
            return f"the canary's objects are named {name}, and a {noun} is too; rename that {noun}"
    return None


def _names(model: str, rollout: Rollout) -> list[str]:
    """Those of a controller are there with and without a canary; Flagger's copy of the stable version is among them."""
    if rollout.by == "gateway":
        return [] if rollout.canary is None else [canary_name(model, rollout.canary)]
    return [f"{model}-canary", *([f"{model}-primary"] if rollout.by == "flagger" else [])]
