"""Times at which a schedule starts, as EC2 Auto Scaling reads them.

Five fields (minute, hour, day of month, month, day of week) of numbers, names, ranges, steps and lists; no seconds,
no ``@daily``, no ``?``, ``L`` or ``W`` (Amazon EC2 Auto Scaling user guide, "Scheduled scaling").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .known_name import unknown

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d{1,2}))?$")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The values that each field takes."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def meets(self, other: Recurrence) -> bool:
        """Whether both start at the same minute some day. Cron starts on a day that either of two restricted day
        fields names, so only two lists of weekdays, or two of days, can keep apart."""
        if not (self.minutes & other.minutes and self.hours & other.hours and self.months & other.months):
            return False
        if self._by_weekday_only() and other._by_weekday_only():
            return bool(self.weekdays & other.weekdays)
        if self._by_day_only() and other._by_day_only():
            return bool(self.days & other.days)
        return True

    def _by_weekday_only(self) -> bool:
        return len(self.days) == 31

    def _by_day_only(self) -> bool:
        return len(self.weekdays) == 7


@lru_cache(maxsize=1024)
def parse_recurrence(text: str) -> Recurrence:
    """Read a cron expression.

    Raises:
        ValueError: one sentence that says what is wrong with it.
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(
            f"{text!r} must have five fields (minute hour day-of-month month day-of-week), such as '0 20 * * 1-5'; "
            f"it has {len(fields)}"
        )
    values = [_values(text, field, *limits) for field, limits in zip(fields, _FIELDS, strict=True)]
    weekdays = frozenset(0 if day == 7 else day for day in values[4])
    return Recurrence(values[0], values[1], values[2], values[3], weekdays)


def check_timezone(name: str) -> str:
    """``name`` when it is an IANA time zone.

    Raises:
        ValueError: it is none; the sentence holds the nearest.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zones = sorted(zone for zone in available_timezones() if not zone.startswith(("posix", "right")))
        sentence = unknown("an IANA time zone", name, zones)
        raise ValueError(re.sub(r"([Aa]llowed): .*", r"\1: names such as Europe/London or Etc/UTC", sentence)) from None
    return name


def _values(text: str, field: str, noun: str, low: int, high: int, names: tuple[str, ...]) -> frozenset[int]:
    wrong = ValueError(
        f"the {noun} {field!r} of {text!r} must be {low} to {high}, *, a range, a list or a step of these"
    )
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.match(part)
        if not match:
            raise wrong
        step = int(match["step"]) if match["step"] else 1
        if match["first"] is None:
            first, last = low, high
        else:
            first = _number(match["first"], low, names)
            last = _number(match["last"], low, names) if match["last"] else (high if match["step"] else first)
        if first is None or last is None or not low <= first <= last <= high or step == 0:
            raise wrong
        found.update(range(first, last + 1, step))
    return frozenset(found)


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 2:
        return int(text)
    return names.index(text.lower()) + low if text.lower() in names else None
