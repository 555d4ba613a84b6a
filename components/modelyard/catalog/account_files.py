"""The files of an environment's folder ``account/``: what its accounts were told that they may run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelyard.catalog.refresh.account_answer import AccountAnswer

FOLDER = "account"
OFFERINGS = "offerings.csv"
QUOTAS = "quotas.csv"
OFFERING_COLUMNS = (
    "cloud",
    "region",
    "instance_type",
    "offered",
    "zones",
    "zone_ids",
    "why",
    "source",
    "source_date",
)
QUOTA_COLUMNS = ("cloud", "region", "family", "capacity", "limit", "source", "source_date")

Row = dict[str, str]


def merged(
    before: Sequence[Row], answers: Iterable[AccountAnswer], rows_of: Callable[[AccountAnswer], list[Row]]
) -> list[Row]:
    """The rows of earlier answers with those of newer ones in place of what they had of a cloud and region."""
    rows = list(before)
    for answer in answers:
        own = rows_of(answer)
        if own:
            rows = [row for row in rows if (row["cloud"], row["region"]) != (answer.cloud, answer.region)] + own
    return sorted(rows, key=lambda row: (row["cloud"], row["region"], row.get("instance_type") or row["family"]))


def offering_rows(answer: AccountAnswer) -> list[Row]:
    return [
        {
            "cloud": answer.cloud,
            "region": answer.region,
            "instance_type": name,
            "offered": "yes" if offering.offered else "no",
            "zones": " ".join(offering.zones),
            "zone_ids": " ".join(offering.zone_ids),
            "why": offering.why,
            "source": answer.source,
            "source_date": answer.source_date,
        }
        for name, offering in (answer.offerings or {}).items()
    ]


def quota_rows(answer: AccountAnswer) -> list[Row]:
    return [
        {
            "cloud": answer.cloud,
            "region": answer.region,
            "family": quota.family,
            "capacity": quota.capacity,
            "limit": str(quota.limit),
            "source": answer.source,
            "source_date": answer.source_date,
        }
        for quota in answer.quotas
    ]


def read(file: Path, columns: Sequence[str]) -> list[Row]:
    """Rows of an earlier answer; none where there was none.

    Raises:
        ValueError: the file is of another form. ``str()`` says what is wrong.
    """
    if not file.exists():
        return []
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot be read ({type(error).__name__})") from None
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        found = list(table)
    except csv.Error as error:
        raise ValueError(f"is no table ({error})") from None
    if tuple(table.fieldnames or ()) != tuple(columns):
        raise ValueError(f"must have the columns {', '.join(columns)}")
    for number, row in enumerate(found, start=2):
        if None in row or None in row.values():
            raise ValueError(f"line {number} has another number of cells than the first line")
    return found


def lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    for cells in (list(columns), *([row[column] for column in columns] for row in rows)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        yield text.getvalue()
