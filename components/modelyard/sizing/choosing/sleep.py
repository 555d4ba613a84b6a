"""What starts when it is asked and ends after a quiet time: a serverless container, or a model scaled to zero.

Requests come at random (Poisson) at a rate that the week says. One finds it asleep when none came in the quiet time
before it, which has the probability exp(-n), n being the requests that are expected in such a window. Everything here
is an integral of that over the week; within a piece of the week n grows or falls evenly, so each is a closed form.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from .week import WEEK_SECONDS, Week

Seconds = tuple[tuple[float, float], ...]
"""Of a window: each rate that it holds, and for how long."""


def wakes(week: Week, quiet_seconds: float, own: Mapping[float, float] | None = None) -> float:
    """How often a week it is woken: requests that find it asleep.

    Args:
        week: of all requests.
        quiet_seconds: after which it sleeps.
        own: for each rate of the week the part that it gets itself; None: all.
    """
    total = 0.0
    for (rate, seconds, first, last), times in _pieces(week, quiet_seconds).items():
        mine = rate if own is None else own[rate]
        if mine > 0:
            total += times * mine * seconds * _integral(_asked(first, own), _asked(last, own), 1.0, 1.0)
    return total


def awake_share(week: Week, quiet_seconds: float) -> float:
    """Share of the time in which it is awake, 0 to 1: from a request until the quiet time after the last has passed."""
    asleep = sum(
        times * seconds * _integral(_asked(first), _asked(last), 1.0, 1.0)
        for (_, seconds, first, last), times in _pieces(week, quiet_seconds).items()
    )
    return 1 - asleep / WEEK_SECONDS


def late_requests(week: Week, quiet_seconds: float, start_seconds: float) -> float:
    """Requests a week that come while it starts: those that wake it, and those that follow before it answers."""
    total = 0.0
    for piece in week.pieces(quiet_seconds, -start_seconds):
        if piece.rate:
            before = (week.between(each - quiet_seconds, each) for each in (piece.first, piece.last))
            after = (1.0 + week.between(each, each + start_seconds) for each in (piece.first, piece.last))
            total += piece.rate * piece.seconds * _integral(*before, *after)
    return min(total, week.requests)


@lru_cache(maxsize=32)
def _pieces(week: Week, quiet_seconds: float) -> Counter[tuple[float, float, Seconds, Seconds]]:
    """Rate and length of each piece with the windows before its begin and its end, and how often the week has it:
    hours that are alike are looked at once."""
    return Counter(
        (
            piece.rate,
            round(piece.seconds, 6),
            week.held(piece.first - quiet_seconds, piece.first),
            week.held(piece.last - quiet_seconds, piece.last),
        )
        for piece in week.pieces(quiet_seconds)
    )


def _asked(window: Seconds, own: Mapping[float, float] | None = None) -> float:
    """Requests that are expected in a window."""
    return sum(seconds * (rate if own is None else own[rate]) for rate, seconds in window)


def _integral(first: float, last: float, weight_first: float, weight_last: float) -> float:
    """Of exp(-n) times a weight over a piece of length 1, in which n and the weight move evenly between their ends."""
    step, rise = last - first, weight_last - weight_first
    if abs(step) < 1e-6:
        return math.exp(-(first + last) / 2) * (weight_first + weight_last) / 2
    begins, ends = math.exp(-first), math.exp(-last)
    # By parts: the weight at both ends, and its slope over the integral of the exponential.
    return (weight_first * begins - weight_last * ends) / step + rise * (begins - ends) / step**2
