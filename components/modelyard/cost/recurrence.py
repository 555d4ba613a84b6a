"""Recurrences of scheduled scaling: when within a week a cron expression fires.

The five fields that Amazon EC2 Auto Scaling takes (minute, hour, day of month, month, day of week; ``*``, lists,
ranges, steps, English names), https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scheduled-scaling.html.
A recurrence that names days of the month or months has no week that stands for all; it is refused, not guessed.
"""

from __future__ import annotations

MINUTES_PER_WEEK = 7 * 24 * 60

_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: n for n, name in enumerate(_MONTH_NAMES, start=1)}
_DAYS = {name: n for n, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))}


class UnsupportedRecurrence(ValueError):
    """The expression is not one of five fields, or has no weekly pattern."""


def minutes_of_week(expression: str) -> tuple[int, ...]:
    """The minutes of a week, from Sunday 00:00 on, at which the expression fires, in order.

    Raises:
        UnsupportedRecurrence: not five fields, a value out of range, or days of the month or months named.
    """
    fields = expression.split()
    if len(fields) != 5:
        raise UnsupportedRecurrence(f"recurrence {expression!r} has {len(fields)} fields; allowed are five.")
    minutes = _values(fields[0], 0, 59, {}, expression)
    hours = _values(fields[1], 0, 23, {}, expression)
    days_of_month = _values(fields[2], 1, 31, {}, expression)
    months = _values(fields[3], 1, 12, _MONTHS, expression)
    days = {day % 7 for day in _values(fields[4], 0, 7, _DAYS, expression)}
    if len(days_of_month) < 31 or len(months) < 12:
        raise UnsupportedRecurrence(
            f"recurrence {expression!r} names days of the month or months; only weekly patterns can be priced."
        )
    return tuple(sorted((day * 24 + hour) * 60 + minute for day in days for hour in hours for minute in minutes))


def _values(field: str, least: int, most: int, names: dict[str, int], expression: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        try:
            every = int(step) if slash else 1
            if span == "*":
                first, last = least, most
            elif "-" in span:
                first, last = (_value(end, names) for end in span.split("-"))
            else:
                first = _value(span, names)
                last = most if slash else first
        except ValueError:
            raise UnsupportedRecurrence(f"recurrence {expression!r}: {part!r} is not understood.") from None
        if every < 1 or not least <= first <= last <= most:
            raise UnsupportedRecurrence(
                f"recurrence {expression!r}: {part!r} is out of range; allowed is {least} to {most}."
            )
        found.update(range(first, last + 1, every))
    return found


def _value(text: str, names: dict[str, int]) -> int:
    return names[text.title()] if text.title() in names else int(text)
