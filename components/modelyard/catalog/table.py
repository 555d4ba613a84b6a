"""A table of facts: one CSV file under ``data/``, read once.

Prices change faster than releases do: where the environment variable ``MODELYARD_PRICES`` names a file that
``modelyard catalog refresh`` wrote, it is read in place of ``data/instances.csv``, and a ``services.csv`` beside it
before ``data/services.csv``.
"""

from __future__ import annotations

import csv
import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from modelyard.catalog.spelling import nearest

PRICES_VARIABLE = "MODELYARD_PRICES"
_DATA = Path(__file__).parent / "data"
_PRICES = "instances.csv"
SERVICE_PRICES = "services.csv"
_NUMBERS = ("vcpu", "memory_gib", "usd_per_hour_on_demand", "usd_per_hour_spot")


class UnreadablePrices(Exception):
    """The file that MODELYARD_PRICES names is no table of prices. ``str()`` is one sentence."""


class UnknownName(LookupError):
    """A name that its table does not hold. The message says what is known and what is nearest."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        closest = nearest(name, known)
        hint = f" Did you mean {closest!r}?" if closest else ""
        listed = ", ".join(known) if known else "none"
        super().__init__(f"no {kind} is called {name!r}; known: {listed}.{hint}")
        self.kind = kind
        self.name = name
        self.nearest = closest


@cache
def rows(file_name: str) -> tuple[Mapping[str, str], ...]:
    """Every row of ``data/<file_name>``, as text by column name; an empty cell is an empty text.

    Raises:
        UnreadablePrices: the file that takes the place of the packaged prices cannot be read.
    """
    elsewhere = os.environ.get(PRICES_VARIABLE)
    if elsewhere and file_name == _PRICES:
        return price_rows(Path(elsewhere))
    if elsewhere and file_name == SERVICE_PRICES:
        return (*packaged_rows(file_name), *service_rows(Path(elsewhere).parent))
    return packaged_rows(file_name)


@cache
def packaged_rows(file_name: str) -> tuple[Mapping[str, str], ...]:
    """As :func:`rows`, of the file that this release came with, whatever MODELYARD_PRICES names."""
    with (_DATA / file_name).open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def service_rows(folder: Path) -> tuple[Mapping[str, str], ...]:
    """Of a refresh's own ``services.csv``, which come before those of this release; none where there is no such file.

    Raises:
        UnreadablePrices: other columns, or a figure that is none.
    """
    path = folder / SERVICE_PRICES
    found = _table(path, SERVICE_PRICES, ("usd",)) if path.exists() else ()
    for number, row in enumerate(found, start=2):
        if not row["usd"]:
            raise UnreadablePrices(f"{path}:{number}: usd is missing; {_WRITE_IT}")
    return found


def price_rows(path: Path) -> tuple[Mapping[str, str], ...]:
    """A table of prices in the form of ``data/instances.csv``, checked.

    Raises:
        UnreadablePrices: no such file, other columns, or a figure that is none.
    """
    return _table(path, _PRICES, _NUMBERS)


def _table(path: Path, name: str, numbers: Sequence[str]) -> tuple[Mapping[str, str], ...]:
    columns = list(packaged_rows(name)[0])
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines)
            if table.fieldnames != columns:
                raise UnreadablePrices(f"{path}: the columns must be {', '.join(columns)}; {_WRITE_IT}")
            return tuple(_checked(row, f"{path}:{table.line_num}", numbers) for row in table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = "its quotes do not close" if isinstance(error, csv.Error) else "it is not UTF-8 text"
        reason = (getattr(error, "strerror", None) or reason).lower()
        raise UnreadablePrices(f"{path}: cannot be read: {reason}; {_WRITE_IT}") from error


_WRITE_IT = "write it with 'modelyard catalog refresh'"


def _checked(row: Mapping[str, str], where: str, numbers: Sequence[str]) -> Mapping[str, str]:
    if None in row or None in row.values():
        raise UnreadablePrices(f"{where}: the line has more or fewer cells than the columns; {_WRITE_IT}")
    for column in numbers:
        text = row[column]
        try:
            wrong = bool(text) and not (Decimal(text).is_finite() and Decimal(text) >= 0)
        except InvalidOperation:
            wrong = True
        if wrong:
            raise UnreadablePrices(f"{where}: {column} is {text!r}, not a number of 0 or more; {_WRITE_IT}")
    try:
        datetime.date.fromisoformat(row["source_date"] or "2026-01-01")
    except ValueError:
        day = row["source_date"]
        raise UnreadablePrices(f"{where}: source_date is {day!r}, not a day as YYYY-MM-DD; {_WRITE_IT}") from None
    return row
