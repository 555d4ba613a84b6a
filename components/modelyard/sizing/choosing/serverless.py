"""Serverless containers under a week of traffic: how many requests meet a cold one, and how many are refused.

Each container answers one request at a time, and a request takes the first idle container in a fixed order, so that
those at the end fall asleep first. How many are busy is then Erlang's loss system: of a rate that offers ``a`` busy
containers on average, the share B(n, a) finds the first n busy and goes on to the next. What reaches one container is
taken to come at random, which it does not quite (it comes in clumps): a test holds the closed form to a simulation.

Follows A. K. Erlang's B formula; what a container costs and keeps is in ``catalog/data/serverless.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .sleep import wakes
from .week import Week

_NEGLIGIBLE = 1e-7
"""Share of the requests below which further containers are not looked at."""


@dataclass(frozen=True, slots=True)
class Containers:
    """What a week does to them; shares of all requests, 0 to 1."""

    cold_share: float
    refused_share: float
    """More came at once than there may be containers."""


def containers(week: Week, *, service_seconds: float, keep_seconds: float, most: int, kept_warm: int = 0) -> Containers:
    """Of one endpoint.

    Args:
        week: of its requests.
        service_seconds: mean time of a warm request.
        keep_seconds: a container that nobody asked for so long is gone.
        most: containers at once; further requests are refused.
        kept_warm: of them, how many never go (provisioned concurrency).
    """
    cold, refused = _of_each(week, service_seconds, keep_seconds, most)
    return Containers(min(sum(cold[kept_warm:]) / week.requests, 1.0), refused / week.requests)


@lru_cache(maxsize=256)
def _of_each(week: Week, service_seconds: float, keep_seconds: float, most: int) -> tuple[tuple[float, ...], float]:
    """Requests a week that find each container cold, up to the last that matters; and those that are refused."""
    seconds_at: dict[float, float] = {}
    for each in week.stretches:
        seconds_at[each.rate] = seconds_at.get(each.rate, 0.0) + each.seconds
    loads = {rate: _overflow(rate * service_seconds, most) for rate in seconds_at}
    cold: list[float] = []
    for number in range(most):
        own = {rate: rate * (found[number] - found[number + 1]) for rate, found in loads.items()}
        if sum(seconds * own[rate] for rate, seconds in seconds_at.items()) < _NEGLIGIBLE * week.requests:
            break
        cold.append(wakes(week, keep_seconds, own))
    return tuple(cold), sum(seconds * rate * loads[rate][most] for rate, seconds in seconds_at.items())


def _overflow(offered: float, most: int) -> list[float]:
    """Erlang B for 0 to ``most`` servers: the share of requests that finds all of them busy."""
    found = [1.0]
    for servers in range(1, most + 1):
        found.append(offered * found[-1] / (servers + offered * found[-1]))
    return found
