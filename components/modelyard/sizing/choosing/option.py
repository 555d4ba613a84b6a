"""What a choice between ways of running a model comes to."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .place import Place, Price, place_text

Kind = Literal["always_on", "autoscaled", "serverless", "serverless_with_warm_floor", "scale_to_zero"]
KIND_TEXT: dict[Kind, str] = {
    "always_on": "always on",
    "autoscaled": "autoscaled",
    "serverless": "serverless",
    "serverless_with_warm_floor": "serverless, warm floor",
    "scale_to_zero": "scaled to zero",
}
"""As a plan writes them."""

Verdict = Literal["meets", "depends", "misses"]
"""``depends``: it meets the objective only where what is assumed turns out at its better end."""


@dataclass(frozen=True, slots=True)
class Latency:
    """What callers see over a week; the worse end of every assumption gives the high figure."""

    warm_p99_ms: float
    """At the busiest time, nothing cold."""
    low_ms: float
    """99th percentile of all requests with those that wait for a start, at best."""
    high_ms: float
    """The same at worst; infinite where more than one request in a hundred is refused."""
    late_low_share: float
    """Share of the requests that meet a cold start, or are refused; 0 to 1, at best."""
    late_high_share: float


@dataclass(frozen=True, slots=True)
class Option:
    """One way to run the model."""

    kind: Kind
    place: Place
    verdict: Verdict
    why: str
    """A sentence."""
    latency: Latency | None
    """None: the model is too slow there, or was not measured there."""
    least: int
    """Replicas, or containers that are kept warm."""
    most: int
    usd_per_month: Decimal | None
    """Whole cents; None: something has no price."""
    calculation: str
    """How the dollars come about, or what has no price."""
    price: Price | None
    """That they rest on."""
    usd_of_use: Decimal | None = None
    """Of a serverless option: dollars a month for the time of requests alone."""
    seconds_of_use: float | None = None
    """Of a serverless option: time of all requests of a month."""
    average: float | None = None
    """Replicas that are paid for, averaged over the week; None: it has none to count."""
    capacity: float | None = None
    """Requests per second that the most replicas keep within the objective; None as before."""
    utilisation: float | None = None
    """How busy they are at the busiest time, 0 to 1; None as before."""

    @property
    def name(self) -> str:
        """``serverless, SageMaker 2048 MiB in us-east-1``"""
        return f"{KIND_TEXT[self.kind]}, {place_text(self.place)}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.kind, self.place.target, self.place.where, self.place.machine


@dataclass(frozen=True, slots=True)
class Deciding:
    """An assumption that changes the choice within its range."""

    assumption: str
    taken: str
    """What the choice rests on: ``kept warm for 5 min``."""
    instead: str
    """What would change it."""
    winner: str | None
    """Which option would be the cheapest then; None: none would do."""
    usd_per_month: Decimal | None

    def sentence(self) -> str:
        if self.winner is None:
            return f"{self.assumption}: with {self.instead} in place of {self.taken} no priced option would do"
        usd = "" if self.usd_per_month is None else f" at ${self.usd_per_month:,.2f} a month"
        return f"{self.assumption}: with {self.instead} in place of {self.taken} the choice would be {self.winner}{usd}"


@dataclass(frozen=True, slots=True)
class ChoiceOfTarget:
    """Every way that was compared, and the cheapest that keeps the objective."""

    p99_ms: float
    requests_per_month: float
    options: tuple[Option, ...]
    """The chosen one first, then by verdict and dollars."""
    chosen: Option | None
    """None: none that has a price meets the objective."""
    why: str
    """A sentence: what was chosen and why, or why nothing was."""
    decides: tuple[Deciding, ...]
    """Assumptions that would change it; none: the choice holds over the range of each."""
    assumptions: tuple[str, ...]
    """What all of this rests on, each with its source."""
    source: str = ""
    """Of the profile that the latencies rest on."""
