"""Schedules: how many hours of a month a node group spends at which size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from modelyard.cost.floor_hours import FloorHours
from modelyard.cost.recurrence import MINUTES_PER_WEEK, UnsupportedRecurrence, minutes_of_week
from modelyard.cost.timezone import UnknownTimezone, minutes_east
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.eks_node_group import SCHEDULE
from modelyard.placement.pool import Pool
from modelyard.placement.reading import text, whole

_UNCHANGED = -1


class UnpricedSchedule(ValueError):
    """A schedule that the estimate cannot turn into hours. The message says why."""


@dataclass(frozen=True, slots=True)
class Period:
    """A share of every week that a node group spends at one declared size."""

    share: Decimal
    """0 to 1; the shares of a node group add up to 1."""
    desired_size: int
    max_size: int
    replicas: tuple[tuple[tuple[str, str], int], ...] = ()
    """Floors of the workloads whose floor differs by the hour, by their keys."""


def periods(pool: Pool, schedules: Sequence[Resource], floors: FloorHours | None = None) -> list[Period]:
    """The sizes of a node group over a week, and the floors of replicas that differ meanwhile; one period where neither
    changes.

    A clock change (daylight saving) moves both ends of a night, so a week without one stands for all.

    Raises:
        UnpricedSchedule: a size, recurrence or time zone is not known or not understood.
    """
    desired, most = pool.desired_size, pool.max_size
    if desired is None or most is None:
        raise UnpricedSchedule("its scaling sizes are not known before the deployment")
    hours = floors or FloorHours(())
    events = sorted(_events(schedules, in_utc=hours.in_utc), key=lambda event: event.minute)
    for event in events:
        desired, most = event.applied(desired, most)
    edges = sorted({0} | {event.minute for event in events} | hours.edges())
    lengths: dict[tuple[int, int, tuple[tuple[tuple[str, str], int], ...]], int] = {}
    for edge, following in zip(edges, [*edges[1:], MINUTES_PER_WEEK], strict=True):
        for event in events:
            if event.minute == edge:
                desired, most = event.applied(desired, most)
        size = desired, most, tuple(hours.at(edge).items())
        lengths[size] = lengths.get(size, 0) + following - edge
    return [Period(Decimal(length) / MINUTES_PER_WEEK, *size) for size, length in lengths.items()]


def schedule_zones(graph: ResourceGraph) -> set[str]:
    """Time zones of all schedules."""
    return {_zone(each) for each in graph.of_type(SCHEDULE)}


@dataclass(frozen=True, slots=True)
class _Event:
    minute: int
    desired: int
    most: int

    def applied(self, desired: int, most: int) -> tuple[int, int]:
        return (
            desired if self.desired == _UNCHANGED else self.desired,
            most if self.most == _UNCHANGED else self.most,
        )


def _events(schedules: Sequence[Resource], *, in_utc: bool) -> list[_Event]:
    in_utc = in_utc or len({_zone(each) for each in schedules}) > 1
    found = []
    for schedule in schedules:
        recurrence = text(schedule.inputs.get("recurrence"))
        if recurrence is None:
            raise UnpricedSchedule(f"schedule {schedule.name} has no recurrence that is known before the deployment")
        try:
            minutes = minutes_of_week(recurrence)
        except UnsupportedRecurrence as error:
            raise UnpricedSchedule(f"schedule {schedule.name}: {error}") from None
        shift = _minutes_east(schedule) if in_utc else 0
        # Terraform's provider, and so Pulumi's, takes an absent size as 0 and -1 as "leave it".
        desired, most = (_size(schedule, key) for key in ("desiredCapacity", "maxSize"))
        found += [_Event((minute - shift) % MINUTES_PER_WEEK, desired, most) for minute in minutes]
    return found


def _size(schedule: Resource, key: str) -> int:
    if key not in schedule.inputs or schedule.inputs[key] is None:
        return 0
    size = whole(schedule.inputs[key])
    if size is None:
        raise UnpricedSchedule(f"schedule {schedule.name}: {key} is not known before the deployment")
    return size


def _zone(schedule: Resource) -> str:
    return text(schedule.inputs.get("timeZone")) or "UTC"


def _minutes_east(schedule: Resource) -> int:
    try:
        return minutes_east(_zone(schedule))
    except UnknownTimezone as error:
        raise UnpricedSchedule(f"schedule {schedule.name}: {error}") from None
