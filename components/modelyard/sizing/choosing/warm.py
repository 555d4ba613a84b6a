"""What a model does in one place while nothing is cold: by the sizing of replicas (:mod:`modelyard.sizing.choice`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ...environment.names import CPU
from ..choice import Choice, choose
from ..declared_stage import DeclaredStage
from ..offer import Offer
from ..pipeline import Pipeline
from ..profile import MeasuredProfile

_MANY = 100
"""Replicas at which the rate of one is found to within a few percent."""
_RARE_PER_SECOND = 0.01
"""A rate at which requests do not meet: each container of a serverless service has one at a time."""


@dataclass(frozen=True, slots=True)
class Served:
    """A model, how it was measured, and what is promised."""

    profile: MeasuredProfile
    declared: tuple[DeclaredStage, ...]
    pipeline: Pipeline | None
    p99_ms: float
    peak: float
    """Requests per second at the busiest time."""


@dataclass(frozen=True, slots=True)
class Warm:
    """One replica, or one container."""

    rate_of_replica: float
    """Requests per second that it keeps within the objective."""
    p99_ms: float
    """At the busiest time."""
    mean_ms: float
    distribution: tuple[tuple[float, float], ...]
    """Points of the distribution: share of the requests, and the milliseconds within which they are answered."""

    def within_ms(self, share: float) -> float:
        """Milliseconds within which so large a share is answered, on a straight line between points."""
        points = ((0.0, 0.0), *self.distribution)
        for (below, low_ms), (above, high_ms) in pairwise(points):
            if share <= above:
                return low_ms + (high_ms - low_ms) * (share - below) / (above - below)
        return points[-1][1]


def warm_replica(served: Served, offer: Offer) -> Warm | str:
    """On a machine, at the highest rate of the week; or the sentence that says why not."""
    found = _sized(served, offer, served.peak)
    if not isinstance(found, Choice):
        return found
    rate = served.peak / found.replicas
    many = _MANY * found.capacity / found.replicas
    if found.replicas < _MANY / 2:
        fleet = _sized(served, offer, many)
        if isinstance(fleet, Choice):
            rate = max(rate, many / fleet.replicas)
    return Warm(rate, found.prediction.p99_ms, found.prediction.mean_ms, found.prediction.distribution)


def warm_container(served: Served, cores: float) -> Warm | str:
    """In a serverless container of so many processors, which answers one request at a time; or why it cannot."""
    found = _sized(served, Offer(CPU, cores=cores), _RARE_PER_SECOND)
    if not isinstance(found, Choice):
        return found
    predicted = found.prediction
    return Warm(1000 / predicted.mean_ms, predicted.p99_ms, predicted.mean_ms, predicted.distribution)


def _sized(served: Served, offer: Offer, rate: float) -> Choice | str:
    found = choose(
        served.profile,
        p99_ms=served.p99_ms,
        requests_per_second=rate,
        declared=served.declared,
        offers=(offer,),
        pipeline=served.pipeline,
    )
    return found if isinstance(found, Choice) else str(found)
