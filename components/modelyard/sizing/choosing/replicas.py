"""Replicas hour by hour: how many an autoscaler keeps, and how many requests come before the new ones are there.

The autoscaler wants as many as the rate of the moment needs. New ones answer after their start; one goes once it was
not needed for the quiet time. While fewer are there than are needed, every request counts as late: the queue grows. The
time to work off that queue is not counted.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

from .sleep import awake_share, late_requests
from .week import WEEK_SECONDS, Week


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a week comes to."""

    average: float
    """Replicas that are paid for, averaged over the week."""
    least: int
    most: int
    late_share: float
    """Share of the requests that come before there are replicas for them, 0 to 1."""


def replicas_for(rate: float, rate_of_replica: float) -> int:
    """That keep a rate; none for none."""
    return math.ceil(rate / rate_of_replica - 1e-9)


def always_on(week: Week, rate_of_replica: float) -> Fleet:
    """Replicas for the highest rate, all week."""
    count = max(replicas_for(week.peak, rate_of_replica), 1)
    return Fleet(count, count, count, 0.0)


def autoscaled(week: Week, rate_of_replica: float, *, least: int, start_seconds: float, quiet_seconds: float) -> Fleet:
    """Replicas that follow the rate, never fewer than ``least``.

    Args:
        week: of the requests.
        rate_of_replica: requests per second that one replica keeps within the objective.
        least: replicas that are always there; 0: none while nobody asks.
        start_seconds: from the need of a replica to its first answer.
        quiet_seconds: a replica that was not needed for so long goes.
    """
    needed = _Needed(week, rate_of_replica)
    floor = max(least, 1)
    paid, late = 0.0, 0.0
    for piece in week.pieces(quiet_seconds, start_seconds, start_seconds + quiet_seconds):
        middle = (piece.first + piece.last) / 2
        paid += piece.seconds * max(needed.most(middle - quiet_seconds, middle), floor)
        ready = max(needed.most(middle - start_seconds - quiet_seconds, middle - start_seconds), floor)
        if replicas_for(piece.rate, rate_of_replica) > ready:
            late += piece.seconds * piece.rate
    average = paid / WEEK_SECONDS
    if least == 0:
        average -= 1 - awake_share(week, quiet_seconds)
        late = min(late + late_requests(week, quiet_seconds, start_seconds), week.requests)
    most = max(replicas_for(week.peak, rate_of_replica), floor)
    return Fleet(average, least, most, late / week.requests)


class _Needed:
    """Replicas that stretches of the week need."""

    def __init__(self, week: Week, rate_of_replica: float) -> None:
        self._firsts = [each.first for each in week.stretches]
        self._seconds = [each.seconds for each in week.stretches]
        self._counts = [replicas_for(each.rate, rate_of_replica) for each in week.stretches]

    def most(self, first: float, last: float) -> int:
        """The highest number in a window, which may begin in the week before."""
        begin, end = self._at(first), self._at(last)
        if last - first >= WEEK_SECONDS or (begin == end and last - first > self._seconds[begin]):
            return max(self._counts)
        span = (end - begin) % len(self._counts)
        return max(self._counts[(begin + step) % len(self._counts)] for step in range(span + 1))

    def _at(self, second: float) -> int:
        return bisect_right(self._firsts, second % WEEK_SECONDS) - 1
