"""Every way of running a model in one place: its latency over a week, its dollars, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from ..offer import Offer
from .option import Kind, Latency, Option, Verdict
from .place import MachinePlace, Place, ServerlessPlace, serverless_assumption
from .replicas import Fleet, always_on, autoscaled
from .serverless import Containers, containers
from .warm import Served, Warm, warm_container, warm_replica
from .week import WEEK_SECONDS, Week

HOURS_PER_MONTH = Decimal(730)
_CENT = Decimal("0.01")
_FORGIVEN = 0.01
"""Share of the requests that a 99th percentile forgives."""


@dataclass(frozen=True, slots=True)
class Range:
    """Of an assumption; both ends alike where it is taken to be known."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What is assumed."""

    serverless_start: Range
    """Seconds until a cold container answers."""
    keep_warm: Range
    """Seconds for which a quiet container stays."""
    cores_per_gib: float
    """Processors that a serverless container has for each GiB; the fewest that are thought possible."""
    machine_start: bool = True
    """Whether a machine's start is a range; False: it is always at its best."""
    hours_per_month: Decimal = HOURS_PER_MONTH

    @classmethod
    def from_catalogue(cls, hours_per_month: Decimal = HOURS_PER_MONTH) -> Taken:
        start, keep = serverless_assumption("cold_start"), serverless_assumption("keep_warm")
        cores = serverless_assumption("cores_per_gib").low
        return cls(Range(start.low, start.high), Range(keep.low, keep.high), cores, hours_per_month=hours_per_month)


@dataclass(frozen=True, slots=True)
class Scaling:
    """How replicas follow the rate."""

    least: int = 1
    """Of an autoscaled option."""
    quiet_seconds: float = 600


def options(served: Served, week: Week, place: Place, taken: Taken, scaling: Scaling) -> Iterator[Option]:
    """All that can be had in one place."""
    if isinstance(place, ServerlessPlace):
        yield from _serverless(served, week, place, taken)
    else:
        yield from _replicas(served, week, place, taken, scaling)


def month_of(week: Week, hours_per_month: Decimal) -> float:
    """Requests of a month."""
    return week.requests / WEEK_SECONDS * float(hours_per_month) * 3600


def _replicas(served: Served, week: Week, place: MachinePlace, taken: Taken, scaling: Scaling) -> Iterator[Option]:
    warm = _warm_replica(served, replace(place.offer, usd_per_hour=None))
    low = place.start_low_seconds
    high = place.start_high_seconds if taken.machine_start else low
    kinds: tuple[Kind, ...] = ("always_on", "autoscaled", *(("scale_to_zero",) if place.is_cluster else ()))
    for kind in kinds:
        if isinstance(warm, str):
            yield _impossible(kind, place, warm)
            continue
        if kind == "always_on":
            steady = always_on(week, warm.rate_of_replica)
            fleets = (steady, steady)
        else:
            least = 0 if kind == "scale_to_zero" else scaling.least
            best, worst = (
                autoscaled(
                    week,
                    warm.rate_of_replica,
                    least=least,
                    start_seconds=start,
                    quiet_seconds=scaling.quiet_seconds,
                )
                for start in (low, high)
            )
            fleets = (best, worst)
        if kind == "autoscaled" and fleets[1].least == fleets[1].most:
            # It never grows: the same as always on.
            continue
        option = _of_fleet(kind, served.p99_ms, place, warm, fleets, Range(low, high), taken.hours_per_month)
        capacity = warm.rate_of_replica * option.most
        yield replace(option, average=fleets[1].average, capacity=capacity, utilisation=week.peak / capacity)


def _of_fleet(
    kind: Kind,
    p99_ms: float,
    place: MachinePlace,
    warm: Warm,
    fleets: tuple[Fleet, Fleet],
    start: Range,
    hours_per_month: Decimal,
) -> Option:
    best, worst = fleets
    latency = Latency(
        warm.p99_ms,
        _p99_ms(warm, best.late_share, start.low),
        _p99_ms(warm, worst.late_share, start.high),
        best.late_share,
        worst.late_share,
    )
    usd, calculation = None, place.unpriced or "no price is known"
    if place.price is not None:
        replicas = Decimal(repr(round(worst.average, 9)))
        usd = (replicas * place.price.usd * hours_per_month).quantize(_CENT)
        calculation = f"{worst.average:.4g} x {place.price.usd:f} USD x {hours_per_month:f} h"
    verdict = _verdict(latency, p99_ms)
    what = "come before there are replicas for them" if kind == "autoscaled" else "come while it starts"
    why = _why(latency, verdict, p99_ms, what, start)
    return Option(kind, place, verdict, why, latency, worst.least, worst.most, usd, calculation, place.price)


def _serverless(served: Served, week: Week, place: ServerlessPlace, taken: Taken) -> Iterator[Option]:
    warm = _warm_container(served, place.memory_mib / 1024 * taken.cores_per_gib)
    if isinstance(warm, str):
        yield _impossible("serverless", place, warm)
        return
    seconds = warm.mean_ms / 1000
    used, calculation = _used_usd(week, place, seconds, taken.hours_per_month)
    yield _of_containers("serverless", served.p99_ms, week, place, warm, taken, 0, used, calculation, used)
    floor = _warm_floor(week, place, seconds, taken.keep_warm.low)
    total = None
    if place.provisioned is None:
        calculation = "no source gives the price of provisioned concurrency"
    elif used is not None:
        kept = floor * place.provisioned.usd * taken.hours_per_month * 3600
        total = used + kept.quantize(_CENT)
        calculation += f" + {floor} x {place.provisioned.usd:f} USD/s all month"
    yield _of_containers(
        "serverless_with_warm_floor", served.p99_ms, week, place, warm, taken, floor, total, calculation, used
    )


def _of_containers(
    kind: Kind,
    p99_ms: float,
    week: Week,
    place: ServerlessPlace,
    warm: Warm,
    taken: Taken,
    floor: int,
    usd: Decimal | None,
    calculation: str,
    used: Decimal | None,
) -> Option:
    best, worst = (
        containers(
            week,
            service_seconds=warm.mean_ms / 1000,
            keep_seconds=keep,
            most=place.max_concurrency,
            kept_warm=floor,
        )
        for keep in (taken.keep_warm.high, taken.keep_warm.low)
    )
    latency = Latency(
        warm.p99_ms,
        _p99_of(warm, best, taken.serverless_start.low),
        _p99_of(warm, worst, taken.serverless_start.high),
        best.cold_share + best.refused_share,
        worst.cold_share + worst.refused_share,
    )
    verdict = _verdict(latency, p99_ms)
    if worst.refused_share > _FORGIVEN:
        verdict = "misses"
        why = f"{_percent(worst.refused_share)} of the requests are refused: more than {place.max_concurrency} at once"
    else:
        why = _why(latency, verdict, p99_ms, "meet a cold container", taken.serverless_start)
    return Option(
        kind,
        place,
        verdict,
        why,
        latency,
        floor,
        place.max_concurrency,
        usd,
        calculation,
        place.price,
        used,
        month_of(week, taken.hours_per_month) * warm.mean_ms / 1000,
    )


def _used_usd(
    week: Week, place: ServerlessPlace, seconds: float, hours_per_month: Decimal
) -> tuple[Decimal | None, str]:
    if place.price is None:
        return None, place.unpriced
    requests = month_of(week, hours_per_month)
    used = Decimal(repr(round(requests * seconds, 9)))
    return (used * place.price.usd).quantize(_CENT), f"{requests:,.0f} x {seconds:.4g} s x {place.price.usd:f} USD/s"


def _warm_floor(week: Week, place: ServerlessPlace, seconds: float, keep_seconds: float) -> int:
    """The fewest containers kept warm with which so few requests meet a cold one that the percentile forgives them."""
    for floor in range(1, place.max_concurrency):
        found = containers(
            week, service_seconds=seconds, keep_seconds=keep_seconds, most=place.max_concurrency, kept_warm=floor
        )
        if found.cold_share <= _FORGIVEN / 2:
            return floor
    return place.max_concurrency


def _p99_of(warm: Warm, found: Containers, start_seconds: float) -> float:
    if found.refused_share > _FORGIVEN:
        return math.inf
    return _p99_ms(warm, found.cold_share + found.refused_share, start_seconds)


def _p99_ms(warm: Warm, late_share: float, start_seconds: float) -> float:
    """Of all requests: while few are late, a quantile of the others; else what the late ones wait."""
    if late_share <= 0:
        return warm.p99_ms
    if late_share < _FORGIVEN:
        return max(warm.within_ms((1 - _FORGIVEN) / (1 - late_share)), warm.p99_ms)
    return start_seconds * 1000 + warm.mean_ms


def _verdict(latency: Latency, p99_ms: float) -> Verdict:
    if latency.high_ms <= p99_ms:
        return "meets"
    return "depends" if latency.low_ms <= p99_ms else "misses"


def _why(latency: Latency, verdict: Verdict, p99_ms: float, what: str, start: Range) -> str:
    late = _share_range(latency.late_low_share, latency.late_high_share)
    if verdict == "meets":
        if latency.late_high_share <= 0:
            return f"99 % of the requests are answered within {latency.high_ms:.4g} ms"
        return f"99 % of the requests are answered within {latency.high_ms:.4g} ms; {late} {what}"
    if latency.late_high_share >= _FORGIVEN:
        seconds = f"{start.low:.3g} to {start.high:.3g} s" if start.low != start.high else f"{start.low:.3g} s"
        return f"{late} of the requests {what}, for {seconds}; a 99th percentile forgives 1 %"
    return f"99 % of the requests take up to {latency.high_ms:.4g} ms, and {p99_ms:g} ms are promised"


def _share_range(low: float, high: float) -> str:
    first, last = _percent(low), _percent(high)
    return first if first == last else f"{first.removesuffix(' %')} to {last}"


def _percent(share: float) -> str:
    return f"{share * 100:.2g} %" if share < 0.1 else f"{share * 100:.0f} %"


def _impossible(kind: Kind, place: Place, why: str) -> Option:
    return Option(kind, place, "misses", why, None, 0, 0, None, "", place.price)


@lru_cache(maxsize=256)
def _warm_replica(served: Served, offer: Offer) -> Warm | str:
    return warm_replica(served, offer)


@lru_cache(maxsize=256)
def _warm_container(served: Served, cores: float) -> Warm | str:
    return warm_container(served, cores)
