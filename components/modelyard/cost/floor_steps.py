"""A floor that changes at moments of the week, as the schedules of managed services set it, and its average."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modelyard.cost.recurrence import MINUTES_PER_WEEK, UnsupportedRecurrence, minutes_of_week
from modelyard.placement.reading import at, items, text, whole

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@dataclass(frozen=True, slots=True)
class Step:
    """From this minute of the week, which begins on Sunday at 00:00, the floor is another."""

    minute: int
    floor: int


def average_floor(otherwise: int, steps: Iterable[Step]) -> Decimal:
    """Of a week; a floor holds until the next step. Without steps it is ``otherwise``.

    Of two steps at one minute the higher floor counts. Time zones are taken to be one: a clock change moves both ends
    of a window.
    """
    floors: dict[int, int] = {}
    for step in steps:
        floors[step.minute] = max(step.floor, floors.get(step.minute, 0))
    if not floors:
        return Decimal(otherwise)
    minutes = sorted(floors)
    total = sum(
        ((later - minute) % MINUTES_PER_WEEK or MINUTES_PER_WEEK) * floors[minute]
        for minute, later in zip(minutes, [*minutes[1:], minutes[0]], strict=True)
    )
    return Decimal(total) / MINUTES_PER_WEEK


def scheduled_actions(actions: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Of ScheduledActions of Application Auto Scaling: ``schedule`` is ``cron(0 8 ? * MON,TUE *)``.

    Raises:
        UnsupportedRecurrence: a schedule has no weekly pattern.
    """
    found: list[Step] = []
    for action in actions:
        floor = whole(at(action, "scalableTargetAction", "minCapacity"))
        schedule = text(action.get("schedule")) or ""
        if floor is not None:
            found.extend(Step(minute, floor) for minute in minutes_of_week(_five_fields(schedule)))
    return found


def autoscale_profiles(profiles: Any) -> tuple[int | None, int | None, list[Step]]:
    """Of an AutoscaleSetting of Azure Monitor: instances without any hour, the most of all, and the steps."""
    otherwise: int | None = None
    most: list[int] = []
    steps: list[Step] = []
    for profile in items(profiles):
        least = whole(at(profile, "capacity", "minimum"))
        most.extend(found for found in (whole(at(profile, "capacity", "maximum")),) if found is not None)
        schedule = at(profile, "recurrence", "schedule")
        if schedule is None:
            otherwise = least
        elif least is not None:
            steps.extend(
                Step((_DAYS.index(day) * 24 + hour) * 60 + minute, least)
                for day in items(at(schedule, "days"))
                if day in _DAYS
                for hour in _numbers(at(schedule, "hours"))
                for minute in _numbers(at(schedule, "minutes"))
            )
    return otherwise, max(most, default=None), steps


def _numbers(values: Any) -> list[int]:
    return [found for each in items(values) if (found := whole(each)) is not None]


def _five_fields(schedule: str) -> str:
    """AWS has a sixth field, the year, and ``?`` for a day that another field names."""
    fields = schedule.removeprefix("cron(").removesuffix(")").split()
    if not schedule.startswith("cron(") or len(fields) != 6 or fields[5] != "*":
        raise UnsupportedRecurrence(f"schedule {schedule!r} is not one of every week; only those can be priced.")
    return " ".join(field.replace("?", "*") for field in fields[:5])
