"""The file that a refresh reads and writes: a table of prices in the form of the catalogue's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from modelyard.catalog.refresh.price_changes import Row
from modelyard.catalog.table import packaged_rows, price_rows

FILE_NAME = "instances.csv"


def starting_rows(folder: Path) -> Sequence[Row]:
    """Of an earlier refresh into the folder, or else those that this release came with.

    Raises:
        UnreadablePrices: the file that lies there is no table of prices.
    """
    file = folder / FILE_NAME
    return price_rows(file) if file.exists() else packaged_rows(FILE_NAME)


def merged_services(before: Sequence[Row], cloud: str, region: str, new: Sequence[Row]) -> list[Row]:
    """Prices of services with new ones of one region in place of those it had; items that are not told now stay."""
    told = {(row["service"], row["sku"]) for row in new}
    kept = [
        row
        for row in before
        if (row["cloud"], row["region"]) != (cloud, region) or (row["service"], row["sku"]) not in told
    ]
    return sorted([*kept, *new], key=lambda row: (row["cloud"], row["region"], row["service"], row["sku"]))


def lines(table: Sequence[Row], name: str = FILE_NAME) -> Iterator[str]:
    """The table as CSV, line by line, in the columns of the packaged one of this name."""
    columns = list(packaged_rows(name)[0])
    yield _line(columns)
    for row in table:
        yield _line([row[column] for column in columns])


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
