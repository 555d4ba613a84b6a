"""Whether a price of a list holds today: lists also have what has ended and what is announced."""

from __future__ import annotations

import datetime


def holds_now(begins: str | None, ends: str | None = None) -> bool:
    """Of a price between two moments.

    Args:
        begins: day or moment as ISO 8601 writes it, UTC where it names no zone; None or empty: always.
        ends: the same; None or empty: never.

    Raises:
        ValueError: a text that is no such moment.
    """
    now = datetime.datetime.now(datetime.UTC)
    return (not begins or _moment(begins) <= now) and (not ends or now < _moment(ends))


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
