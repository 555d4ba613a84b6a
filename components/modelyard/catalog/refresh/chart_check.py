"""Pinned charts beside what their repositories have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from modelyard.catalog.charts import Chart, chart_of
from modelyard.catalog.refresh.chart_registry import ChartRegistries, NoSuchVersion, Unreachable

COLUMNS: tuple[str, ...] = (
    "name", "repository", "version", "digest", "digest_source", "digest_source_date", "source", "source_date",
)  # fmt: skip
_AT_ONCE = 8
Verdict = Literal["same", "differs", "new", "absent", "unreachable"]
"""new: the table had no digest. absent: the repository has no such version."""


class UnreadableCharts(Exception):
    """A table of charts is none. ``str()`` is one sentence."""


@dataclass(frozen=True, slots=True)
class Checked:
    chart: Chart
    verdict: Verdict
    found: str | None = None
    """Digest that the repository gives."""
    why: str = ""
    """Of what is absent or unreachable."""


def check_charts(charts: Iterable[Chart], registries: ChartRegistries | None = None) -> list[Checked]:
    """Ask each repository once, several at a time; in the order of the charts."""
    registries = registries or ChartRegistries()
    charts = list(charts)
    repositories = list(dict.fromkeys(chart.repository for chart in charts))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        of = pool.map(
            lambda repository: [_checked(chart, registries) for chart in charts if chart.repository == repository],
            repositories,
        )
        found = {checked.chart.name: checked for group in of for checked in group}
    return [found[chart.name] for chart in charts]


def with_digests(rows: Iterable[Mapping[str, str]], checked: Iterable[Checked], today: str) -> list[dict[str, str]]:
    """The rows, with the digests that were not known. One that differs stays as it is: somebody has to look at it."""
    new = {each.chart.name: each for each in checked if each.verdict == "new"}
    made = []
    for row in rows:
        each = new.get(row["name"])
        found = {} if each is None else {"digest": each.found or "", **_source(each.chart, today)}
        made.append({**row, **found})
    return made


def table_rows(path: Path) -> list[dict[str, str]]:
    """A table in the form of ``data/charts.csv``.

    Raises:
        UnreadableCharts: no such file, or other columns.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.DictReader(lines)
            if tuple(table.fieldnames or ()) != COLUMNS:
                raise UnreadableCharts(f"{path}: the columns must be {', '.join(COLUMNS)}")
            rows = list(table)
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", None) or "it is not UTF-8 text").lower()
        raise UnreadableCharts(f"{path}: cannot be read: {reason}") from error
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UnreadableCharts(f"{path}: row {number} has more or fewer cells than there are columns")
    return rows


def charts_of(rows: Iterable[Mapping[str, str]]) -> list[Chart]:
    return [chart_of(row) for row in rows]


def lines(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """The table as text."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    yield out.getvalue()


def _checked(chart: Chart, registries: ChartRegistries) -> Checked:
    try:
        found = registries.digest(chart)
    except NoSuchVersion as error:
        return Checked(chart, "absent", why=str(error))
    except Unreachable as error:
        return Checked(chart, "unreachable", why=str(error))
    if chart.digest is None:
        return Checked(chart, "new", found)
    return Checked(chart, "same" if found == chart.digest else "differs", found)


def _source(chart: Chart, today: str) -> dict[str, str]:
    if chart.is_oci:
        source = f"manifest of {chart.repository}/{chart.name}:{chart.version}"
    else:
        source = f"{chart.repository.rstrip('/')}/index.yaml"
    return {"digest_source": source, "digest_source_date": today}
