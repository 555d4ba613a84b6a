"""Hours of the week in which more replicas are kept ready."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from ..catalog.spelling import nearest
from .declaration import Declaration
from .recurrence import check_timezone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_MONDAY = date(2026, 1, 5)
_WEEKS = 52


def parse_days(text: str) -> tuple[int, ...]:
    """``mon-fri`` or ``mon,wed,sat-sun`` as numbers from Monday, which is 0. A range may pass Sunday: ``fri-mon``.

    Raises:
        ValueError: one sentence that says what is wrong with it.
    """
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        for name in (first, last) if dash else (first,):
            if name not in DAYS:
                close = nearest(name, DAYS)
                hint = f"; did you mean {close!r}?" if close else ""
                raise ValueError(f"{text!r} must be days such as mon-fri or sat,sun, and {name!r} is none{hint}")
        begin, end = DAYS.index(first), DAYS.index(last) if dash else DAYS.index(first)
        found.update(day % 7 for day in range(begin, (end if end >= begin else end + 7) + 1))
    return tuple(sorted(found))


def parse_time(text: str) -> int:
    """``08:30`` as minutes after midnight; ``24:00`` is the end of the day.

    Raises:
        ValueError: it is no time.
    """
    if not _TIME.fullmatch(text):
        raise ValueError(f'{text!r} must be a time in quotes from "00:00" to "24:00", such as "08:30"')
    return int(text[:2]) * 60 + int(text[3:])


def _days(text: str) -> str:
    parse_days(text)
    return text


def _clock(text: str) -> str:
    parse_time(text)
    return text


class ScheduleWindow(Declaration):
    """The same hours of some days of every week. A window that ends before it starts ends on the day after."""

    days: Annotated[str, AfterValidator(_days)] = "mon-sun"
    """Days on which it starts: mon-fri, or mon,wed,sat-sun."""
    start: Annotated[str, AfterValidator(_clock)]
    """Hours and minutes in quotes, for example "08:00"."""
    end: Annotated[str, AfterValidator(_clock)]
    """First minute after the window, for example "20:00"; "24:00" is midnight."""
    timezone: Annotated[str, AfterValidator(check_timezone)] = "Etc/UTC"
    """IANA time zone, for example Europe/London."""
    min_replicas: Annotated[int, Field(ge=1, le=1000)]
    """Replicas that are ready in these hours, whatever the load."""

    @model_validator(mode="after")
    def _lasts(self) -> ScheduleWindow:
        if self.start == "24:00":
            raise ValueError('start "24:00" is the next day\'s "00:00"; write that, with the next day')
        if self.start == self.end:
            raise ValueError(f'start and end are both "{self.start}"; for whole days write "00:00" and "24:00"')
        if self.minutes == DAY_MINUTES and len(parse_days(self.days)) == len(DAYS):
            raise ValueError("covers every hour of the week; write its min_replicas above the schedules instead")
        return self

    @property
    def minutes(self) -> int:
        """Length of one window."""
        length = parse_time(self.end) - parse_time(self.start)
        return length if length > 0 else length + DAY_MINUTES

    @property
    def text(self) -> str:
        """``mon-fri 08:00-20:00 Europe/London``."""
        return f"{self.days} {self.start}-{self.end} {self.timezone}"

    def cron(self) -> tuple[str, str]:
        """Start and end as five-field cron expressions in :attr:`timezone`; cron counts days from Sunday."""
        first, last = parse_time(self.start), parse_time(self.start) + self.minutes
        days = parse_days(self.days)
        return _cron(first, days), _cron(last % DAY_MINUTES, tuple((day + last // DAY_MINUTES) % 7 for day in days))

    def weekly(self) -> tuple[tuple[int, int], ...]:
        """First minute and minute after the last of each window, from Monday 00:00 of local time. What begins on
        Sunday evening may end after the week does."""
        first = parse_time(self.start)
        return tuple(
            (day * DAY_MINUTES + first, day * DAY_MINUTES + first + self.minutes) for day in parse_days(self.days)
        )


def overlap(one: ScheduleWindow, other: ScheduleWindow) -> str | None:
    """When both hold, in the first one's time zone: ``wed 19:00 to 20:00``; None where they keep apart.

    Windows of different time zones are compared through a whole year, since clocks change on different days.
    """
    if one.timezone == other.timezone:
        return next(_shared(_around(one.weekly()), other.weekly()), None)
    zone = ZoneInfo(one.timezone)
    for week in range(_WEEKS):
        monday = _MONDAY + timedelta(weeks=week)
        for first, last in _instants(one, monday):
            for begin, end in (
                each for shift in (-1, 0, 1) for each in _instants(other, monday + timedelta(weeks=shift))
            ):
                if begin < last and first < end:
                    start, stop = max(first, begin).astimezone(zone), min(last, end).astimezone(zone)
                    return f"{DAYS[start.weekday()]} {start:%H:%M} to {stop:%H:%M} (week of {monday:%d %B %Y})"
    return None


def _shared(many: list[tuple[int, int]], others: tuple[tuple[int, int], ...]) -> Iterator[str]:
    for begin, end in others:
        for first, last in many:
            if begin < last and first < end:
                start, stop = max(first, begin), min(last, end)
                day = DAYS[start // DAY_MINUTES % 7]
                yield f"{day} {_shown(start)} to {_shown(stop)}"


def _around(windows: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Those of the weeks before and after, too: a window of Sunday night reaches into Monday."""
    return [(first + shift, last + shift) for shift in (0, -WEEK_MINUTES, WEEK_MINUTES) for first, last in windows]


def _instants(window: ScheduleWindow, monday: date) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(window.timezone)

    def instant(minute: int) -> datetime:
        day = monday + timedelta(days=minute // DAY_MINUTES)
        local = datetime.combine(day, time(minute % DAY_MINUTES // 60, minute % 60), zone)
        return local.astimezone(UTC)

    return [(instant(first), instant(last)) for first, last in window.weekly()]


def _cron(minute: int, days: tuple[int, ...]) -> str:
    named = "*" if len(days) == 7 else ",".join(str((day + 1) % 7) for day in sorted(days))
    return f"{minute % 60} {minute // 60} * * {named}"


def _shown(minute: int) -> str:
    return f"{minute % DAY_MINUTES // 60:02d}:{minute % 60:02d}"
