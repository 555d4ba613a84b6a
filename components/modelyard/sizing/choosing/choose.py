"""The cheapest way to keep an objective under a week of traffic: :func:`choose_target`.

Whether an option keeps it is judged by the worse end of every assumption, so that nothing is chosen on a hope; an
option that keeps it at the better end alone is shown as one that depends. Only options with a price are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...environment.traffic_profile import TrafficProfile
from ..declared_stage import DeclaredStage
from ..pipeline import Pipeline
from ..profile import MeasuredProfile
from .deciding import deciding
from .option import KIND_TEXT, ChoiceOfTarget, Kind, Option
from .options import Scaling, Taken, month_of, options
from .place import Place, ServerlessPlace, serverless_assumptions
from .warm import Served
from .week import Week, week_of

_ORDER: tuple[Kind, ...] = tuple(KIND_TEXT)
_VERDICTS = ("meets", "depends", "misses")


def choose_target(
    traffic: TrafficProfile,
    *,
    p99_ms: float,
    profile: MeasuredProfile,
    declared: Sequence[DeclaredStage],
    places: Sequence[Place],
    pipeline: Pipeline | None = None,
    least_replicas: int = 1,
    scale_down_minutes: float = 10,
    taken: Taken | None = None,
) -> ChoiceOfTarget:
    """Compare every way to run a model.

    Args:
        traffic: when requests come.
        p99_ms: 99th percentile that callers are promised, over all requests of a week.
        profile: of the deployed backends.
        declared: each model that executes.
        places: where it may run.
        pipeline: None: the declared models one after another.
        least_replicas: of an autoscaled option, at least 1.
        scale_down_minutes: a replica that was not needed for so long goes.
        taken: what is assumed; None: what the catalogue says.
    """
    scaling = Scaling(max(least_replicas, 1), scale_down_minutes * 60)
    taken = taken or Taken.from_catalogue()
    week = week_of(traffic)
    served = Served(profile, tuple(declared), pipeline, p99_ms, week.peak)

    def compared(week: Week, taken: Taken) -> list[Option]:
        return _compared(served, week, places, taken, scaling)

    found = compared(week, taken)
    chosen = cheapest(found)
    ordered = sorted(found, key=lambda option: (option is not chosen, *_rank(option)))
    return ChoiceOfTarget(
        p99_ms=p99_ms,
        requests_per_month=month_of(week, taken.hours_per_month),
        options=tuple(ordered),
        chosen=chosen,
        why=_why(chosen, ordered, p99_ms),
        decides=deciding(traffic, taken, chosen, ordered, lambda week, taken: cheapest(compared(week, taken)))
        if found
        else (),
        assumptions=tuple(_assumptions(places, taken, scaling)),
        source=profile.source,
    )


def cheapest(found: Iterable[Option]) -> Option | None:
    """Of those that keep the objective and have a price; of equals the one with fewer moving parts."""
    able = [each for each in found if each.verdict == "meets" and each.usd_per_month is not None]
    return min(able, key=_rank, default=None)


def _rank(option: Option) -> tuple[int, Decimal, int, str]:
    usd = Decimal("Infinity") if option.usd_per_month is None else option.usd_per_month
    return _VERDICTS.index(option.verdict), usd, _ORDER.index(option.kind), option.name


def _compared(served: Served, week: Week, places: Sequence[Place], taken: Taken, scaling: Scaling) -> list[Option]:
    """Of serverless sizes in one region only the best of each kind."""
    found: list[Option] = []
    sizes: dict[tuple[Kind, str], list[Option]] = {}
    for place in places:
        for option in options(served, week, place, taken, scaling):
            if isinstance(place, ServerlessPlace):
                sizes.setdefault((option.kind, place.where), []).append(option)
            else:
                found.append(option)
    # Without a price the smaller is the cheaper: each second costs in proportion to the memory.
    return found + [min(each, key=lambda option: (_rank(option)[:2], _memory(option))) for each in sizes.values()]


def _memory(option: Option) -> int:
    return option.place.memory_mib if isinstance(option.place, ServerlessPlace) else 0


def _why(chosen: Option | None, ordered: Sequence[Option], p99_ms: float) -> str:
    if chosen is not None:
        others = [each for each in ordered if each is not chosen and each.verdict == "meets"]
        words = f"{chosen.name} is the cheapest that keeps {p99_ms:g} ms: ${chosen.usd_per_month:,.2f} a month"
        second = next((each for each in others if each.usd_per_month is not None), None)
        if second is not None:
            words += f"; next comes {second.name} at ${second.usd_per_month:,.2f}"
        unpriced = [each.name for each in others if each.usd_per_month is None]
        return words + (f"; without a price, so not compared: {_listed(unpriced)}" if unpriced else "")
    if not ordered:
        return "there is no place to run it: platform.yaml names no cluster and no managed region that fits it"
    unpriced = [each.name for each in ordered if each.verdict == "meets"]
    if unpriced:
        return f"only options without a price keep {p99_ms:g} ms: {_listed(unpriced)}; declare a price"
    nearest = ordered[0]
    return f"no option keeps {p99_ms:g} ms; the nearest is {nearest.name}: {nearest.why}"


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _assumptions(places: Sequence[Place], taken: Taken, scaling: Scaling) -> Iterable[str]:
    hours = f"{taken.hours_per_month:f} hours"
    yield f"a month has {hours}, all weeks are alike, and requests come at random within an hour"
    yield "an hour with idle time or bursts begins with the idle time, then comes the burst, then the rest"
    yield (
        f"an autoscaled replica goes after {scaling.quiet_seconds / 60:g} quiet minutes; requests that come before "
        "there are replicas for them all count as late"
    )
    if any(isinstance(place, ServerlessPlace) for place in places):
        for each in serverless_assumptions():
            yield f"serverless {each.name.replace('_', ' ')}: {each.low:g} to {each.high:g} {each.unit} ({each.source})"
        yield "serverless requests are billed by their warm time; data in and out is not counted"
    if any(place.target == "kubernetes" for place in places):
        yield "on a cluster a replica costs its share of a node while it is there, and nodes come and go with replicas"
    yield from dict.fromkeys(
        each.assumed
        for place in places
        for each in (place.price, place.provisioned if isinstance(place, ServerlessPlace) else None)
        if each is not None and each.assumed is not None
    )
