"""Hours of the week in which more replicas are guaranteed, as KEDA's cron triggers keep them and CronJobs set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal

from modelyard.cost.recurrence import MINUTES_PER_WEEK, UnsupportedRecurrence, minutes_of_week
from modelyard.cost.timezone import UnknownTimezone, minutes_east
from modelyard.placement import Change, Window, Workload


@dataclass(frozen=True, slots=True)
class _Stretch:
    first: int
    last: int
    """The minute after."""
    replicas: int


class FloorHours:
    """The floor of each workload at each minute of a week, which begins on Sunday at 00:00.

    A clock change moves both ends of a window, so a week without one stands for all. Where windows, or the schedules of
    node groups, name different time zones, all are laid side by side in UTC, as they are in winter.
    """

    def __init__(self, workloads: Iterable[Workload], schedule_zones: Iterable[str] = ()) -> None:
        windowed = [each for each in workloads if (each.windows or each.changes) and each.replicas_floor is not None]
        zones = {*schedule_zones, *(when.timezone for each in windowed for when in (*each.windows, *each.changes))}
        self.in_utc = len(zones) > 1
        """Whether minutes are those of UTC, and not of the one time zone that there is."""
        self.problems: list[str] = []
        """Why a workload is taken at its highest floor for the whole week, in words."""
        self._stretches: dict[tuple[str, str], list[_Stretch]] = {}
        self._base: dict[tuple[str, str], int] = {}
        for workload in windowed:
            try:
                found = [each for window in workload.windows for each in self._active(window)]
                found += self._until_changed(workload.changes)
            except (UnsupportedRecurrence, UnknownTimezone) as error:
                self.problems.append(f"windows of {workload.name}: {error} Its highest floor is taken for every hour.")
                continue
            self._stretches[workload.key] = found
            # Changes leave no minute to the base: one of them was the last before it.
            self._base[workload.key] = 0 if workload.changes else workload.replicas_base or 0

    def among(self, keys: Iterable[tuple[str, str]]) -> FloorHours:
        """The same hours, of the workloads with these keys alone."""
        found = copy(self)
        found._stretches = {key: self._stretches[key] for key in keys if key in self._stretches}
        return found

    @property
    def vary(self) -> bool:
        """Whether any floor differs by the hour."""
        return bool(self._stretches)

    def varies(self, workload: Workload) -> bool:
        return workload.key in self._stretches

    def edges(self, workload: Workload | None = None) -> set[int]:
        """Minutes at which a floor changes, of one workload or of all."""
        found = self._stretches.values() if workload is None else [self._stretches.get(workload.key, [])]
        return {minute % MINUTES_PER_WEEK for some in found for each in some for minute in (each.first, each.last)}

    def at(self, minute: int) -> Mapping[tuple[str, str], int]:
        """The floors of those that have windows, by key."""
        return {key: self._floor(key, minute) for key in self._stretches}

    def average(self, workload: Workload) -> Decimal:
        """Replicas that are guaranteed, averaged over the week; the floor where there is no window."""
        if workload.key not in self._stretches:
            return Decimal(workload.replicas_floor or 0)
        edges = sorted(self.edges(workload))
        total = sum(
            minutes_between(first, last) * self._floor(workload.key, first)
            for first, last in zip(edges, [*edges[1:], edges[0]], strict=True)
        )
        return Decimal(total) / MINUTES_PER_WEEK

    def _floor(self, key: tuple[str, str], minute: int) -> int:
        """The highest of the windows that hold, and no less than the base."""
        holds = (
            each.replicas
            for each in self._stretches[key]
            if (minute - each.first) % MINUTES_PER_WEEK < minutes_between(each.first, each.last)
        )
        return max((self._base[key], *holds))

    def _until_changed(self, changes: Iterable[Change]) -> list[_Stretch]:
        """Each change holds until the next, in the order of the declaration where two are of one minute."""
        replicas: dict[int, int] = {}
        for change in changes:
            shift = minutes_east(change.timezone) if self.in_utc else 0
            for minute in minutes_of_week(change.recurrence):
                replicas[(minute - shift) % MINUTES_PER_WEEK] = change.replicas
        edges = sorted(replicas)
        return [
            _Stretch(first, last, replicas[first]) for first, last in zip(edges, [*edges[1:], *edges[:1]], strict=True)
        ]

    def _active(self, window: Window) -> Iterable[_Stretch]:
        """A cron trigger is active while its next end comes before its next start
        (https://keda.sh/docs/latest/scalers/cron/), so up to every end since whatever came before."""
        shift = minutes_east(window.timezone) if self.in_utc else 0
        starts, ends = (
            {(minute - shift) % MINUTES_PER_WEEK for minute in minutes_of_week(expression)}
            for expression in (window.start, window.end)
        )
        events = sorted(starts | ends)
        for before, event in zip([events[-1], *events[:-1]], events, strict=True):
            if event in ends:
                yield _Stretch(before, event, window.replicas)


def minutes_between(first: int, last: int) -> int:
    """Minutes from one minute of the week to the next time that it is the other: a whole week where they are equal."""
    return (last - first) % MINUTES_PER_WEEK or MINUTES_PER_WEEK
