"""Time zones, where hours of different ones have to be laid side by side."""

from __future__ import annotations

from datetime import UTC, datetime


class UnknownTimezone(ValueError):
    """The name is none that is known here."""


def minutes_east(zone: str) -> int:
    """Minutes that a zone is ahead of UTC in winter.

    Raises:
        UnknownTimezone: no such zone.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # rarely needed, and it brings in sysconfig

    try:
        offset = datetime(2025, 1, 15, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError):
        raise UnknownTimezone(f"the time zone {zone!r} is not known here") from None
    return int(offset.total_seconds() // 60) if offset else 0
