"""Which assumption decides a choice: each alone is moved to the other end of its range, and the options are compared
again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from ...environment.traffic_profile import TrafficProfile
from .option import Deciding, Option
from .options import Range, Taken
from .place import ServerlessPlace, serverless_assumption
from .week import Week, week_of

Compare = Callable[[Week, Taken], "Option | None"]
"""The cheapest option under a week and assumptions."""


def deciding(
    traffic: TrafficProfile, taken: Taken, chosen: Option | None, options: Sequence[Option], compare: Compare
) -> tuple[Deciding, ...]:
    """Assumptions that change the choice, in a fixed order."""
    week = week_of(traffic)
    found: list[Deciding] = []
    for name, said, instead, other_week, other_taken in _changes(traffic, week, taken):
        winner = compare(other_week, other_taken)
        if _same(winner, chosen):
            continue
        found.append(
            Deciding(
                name,
                said,
                instead,
                None if winner is None else winner.name,
                None if winner is None else winner.usd_per_month,
            )
        )
    return (*found, *_break_even(chosen, options, taken.hours_per_month))


def _same(one: Option | None, other: Option | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.key == other.key


def _changes(traffic: TrafficProfile, week: Week, taken: Taken) -> Iterator[tuple[str, str, str, Week, Taken]]:
    start, keep = taken.serverless_start, taken.keep_warm
    if start.low != start.high:
        yield (
            "a serverless cold start",
            f"{start.high:g} s",
            f"{start.low:g} s",
            week,
            replace(taken, serverless_start=Range(start.low, start.low)),
        )
    if keep.low != keep.high:
        yield (
            "how long a quiet serverless container stays",
            f"{keep.low / 60:g} min",
            f"{keep.high / 60:g} min",
            week,
            replace(taken, keep_warm=Range(keep.high, keep.high)),
        )
    cores = serverless_assumption("cores_per_gib")
    if taken.cores_per_gib < cores.high:
        yield (
            "cores of a serverless container",
            f"{taken.cores_per_gib:.2g} for a GiB",
            f"{cores.high:g} for a GiB",
            week,
            replace(taken, cores_per_gib=cores.high),
        )
    if taken.machine_start:
        yield (
            "the start of a machine",
            "its longest time",
            "its shortest time",
            week,
            replace(taken, machine_start=False),
        )
    for factor, words in ((0.5, "half of them"), (2.0, "twice as many")):
        yield "requests", "those of traffic", words, week.scaled(factor), taken
    for share in (0.0, 0.5):
        if traffic.idle_share != share and (traffic.burst_seconds or 0) <= 3600 * (1 - share):
            other = week_of(traffic.model_copy(update={"idle_share": share}))
            yield "idle share of each hour", f"{traffic.idle_share:g}", f"{share:g}", other, taken


def _break_even(chosen: Option | None, options: Sequence[Option], hours_per_month: Decimal) -> Iterator[Deciding]:
    """The price at which containers that are kept warm would be the cheapest: nobody gives the real one."""
    for option in options:
        place = option.place
        if not (
            isinstance(place, ServerlessPlace)
            and option.kind == "serverless_with_warm_floor"
            and option.verdict == "meets"
            and option.usd_per_month is None
        ):
            continue
        used = option.usd_of_use
        if chosen is None or chosen.usd_per_month is None or used is None or used >= chosen.usd_per_month:
            continue
        seconds = option.least * hours_per_month * 3600
        most = ((chosen.usd_per_month - used) / seconds).quantize(Decimal("1e-9"))
        yield Deciding(
            "the price of provisioned concurrency, which no source gives",
            "no price",
            f"less than {most.normalize():f} USD for each second of a container with {place.memory_mib} MB",
            option.name,
            None,
        )
