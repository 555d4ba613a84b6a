"""A week of traffic as stretches of one rate each, and what a window over it holds.

An hour of a profile with bursts and idle time is laid out as idle time first, then its burst, then the rest: a burst
that comes after idle time is the worst that a service can meet. The week repeats for ever.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ...environment.traffic_profile import WEEK_HOURS, TrafficProfile

HOUR_SECONDS = 3600
WEEK_SECONDS = WEEK_HOURS * HOUR_SECONDS


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of the week in which requests come at one rate, at random (Poisson)."""

    first: float
    last: float
    """The second after."""
    rate: float
    """Requests per second."""

    @property
    def seconds(self) -> float:
        return self.last - self.first


@dataclass(frozen=True)
class Week:
    """All stretches of a week, in order, without a gap; neighbours differ in rate."""

    stretches: tuple[Stretch, ...]

    @property
    def peak(self) -> float:
        """Highest rate that lasts, in requests per second."""
        return max(each.rate for each in self.stretches)

    @property
    def requests(self) -> float:
        """Of the whole week."""
        return self._upto[-1]

    def scaled(self, factor: float) -> Week:
        """The same hours with so many times the requests."""
        return Week(tuple(Stretch(each.first, each.last, each.rate * factor) for each in self.stretches))

    def between(self, first: float, last: float) -> float:
        """Requests that come between two seconds, which may lie in the weeks before and after."""
        return self._count(last) - self._count(first)

    def held(self, first: float, last: float) -> tuple[tuple[float, float], ...]:
        """The rates of a window, which may begin in the week before, each with its seconds (to a microsecond)."""
        found: dict[float, float] = {}
        weeks, rest = divmod(last - first, WEEK_SECONDS)
        for each in self.stretches if weeks else ():
            found[each.rate] = found.get(each.rate, 0.0) + weeks * each.seconds
        at = first % WEEK_SECONDS
        while rest > 1e-6:
            each = self.stretches[self._at(at)]
            part = min(each.last - at, rest)
            found[each.rate] = found.get(each.rate, 0.0) + part
            at, rest = (0.0 if each.last >= WEEK_SECONDS else each.last), rest - part
        return tuple(sorted((rate, round(seconds, 6)) for rate, seconds in found.items()))

    def pieces(self, *shifts: float) -> Iterator[Stretch]:
        """The stretches, cut wherever one begins so many seconds earlier or later: within a piece what a window of
        such a length holds grows or falls evenly."""
        edges = {each.first for each in self.stretches}
        for shift in shifts:
            edges.update((each.first + shift) % WEEK_SECONDS for each in self.stretches)
        ordered = sorted(edges)
        for first, last in zip(ordered, [*ordered[1:], WEEK_SECONDS], strict=True):
            if last - first > 1e-9:
                yield Stretch(first, last, self.stretches[self._at(first)].rate)

    def _at(self, second: float) -> int:
        return bisect_right(self._firsts, second + 1e-9) - 1

    def _count(self, second: float) -> float:
        weeks, rest = divmod(second, WEEK_SECONDS)
        at = max(bisect_right(self._firsts, rest) - 1, 0)
        before = self._upto[at]
        return weeks * self._upto[-1] + before + (rest - self._firsts[at]) * self.stretches[at].rate

    @cached_property
    def _firsts(self) -> list[float]:
        return [each.first for each in self.stretches]

    @cached_property
    def _upto(self) -> list[float]:
        return [0.0, *accumulate(each.seconds * each.rate for each in self.stretches)]


def week_of(traffic: TrafficProfile) -> Week:
    """The week that a profile describes."""
    found: list[Stretch] = []
    for hour, rate in enumerate(traffic.week()):
        at = hour * HOUR_SECONDS
        for seconds, stretch_rate in _hour(traffic, rate):
            found.append(Stretch(at, at + seconds, stretch_rate))
            at += seconds
    return Week(tuple(_merged(found)))


def _hour(traffic: TrafficProfile, rate: float) -> Iterable[tuple[float, float]]:
    """Seconds and rate of what one hour is made of: together they hold the hour's requests."""
    idle = HOUR_SECONDS * traffic.idle_share
    if not rate:
        return [(HOUR_SECONDS, 0.0)]
    burst = float(traffic.burst_seconds or 0)
    rest = HOUR_SECONDS - idle - burst
    if rest < 1e-9:
        return [(idle, 0.0), (burst, HOUR_SECONDS * rate / burst)]
    burst_rate = rate * traffic.burst_factor
    left = max(HOUR_SECONDS * rate - burst * burst_rate, 0.0)
    parts = [(idle, 0.0), (burst, burst_rate), (rest, left / rest)]
    return [each for each in parts if each[0] > 1e-9]


def _merged(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    held: Stretch | None = None
    for each in stretches:
        if held is not None and held.rate == each.rate:
            held = Stretch(held.first, each.last, each.rate)
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held
