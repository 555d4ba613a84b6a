"""``modelyard catalog charts``"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..catalog.charts import TABLE
from ..catalog.refresh.chart_check import (
    Checked,
    UnreadableCharts,
    charts_of,
    check_charts,
    lines,
    table_rows,
    with_digests,
)
from ..review.atomic_file import check_writable, write_all
from ..review.refused import PlanRefused
from .documents import asked_documents
from .standard_output import told

_SAID = {
    "same": "has the digest that is pinned",
    "new": "has a digest that was not known",
    "differs": "DIFFERS: the repository has another content under this version",
    "absent": "IS ABSENT",
    "unreachable": "was not compared",
}


def run(arguments: argparse.Namespace) -> int:
    """List the charts, or compare each with its repository; 2 where one differs, 1 where one could not be asked."""
    table: Path = arguments.table or TABLE
    if arguments.write and not arguments.verify:
        raise PlanRefused("--write is of use with --verify alone, which finds the digests to be written")
    try:
        rows = table_rows(table)
    except UnreadableCharts as error:
        raise PlanRefused(str(error)) from error
    charts = charts_of(rows)
    asked = asked_documents({"--json": arguments.json})
    if arguments.write:
        check_writable(str(table), "--table")
    checked = check_charts(charts) if arguments.verify else [Checked(chart, "same") for chart in charts]
    files: list[tuple[Path, Any]] = []
    found = [each for each in checked if each.verdict == "new"]
    if arguments.write and found:
        today = datetime.now(UTC).date().isoformat()
        files.append((table, lambda: lines(with_digests(rows, checked, today))))
    if arguments.json not in (None, "-"):
        files.append((Path(arguments.json), lambda: _document(checked, verified=arguments.verify)))
    write_all(files)
    with told():
        if asked.get("--json") == "-":
            sys.stdout.writelines(_document(checked, verified=arguments.verify))
        elif arguments.verify:
            _show(checked)
            if arguments.write and found:
                print(f"Written: {table}.")
        else:
            for each in checked:
                print(f"{each.chart.name} {each.chart.version}  {each.chart.digest or 'digest not known'}")
                print(f"  {each.chart.repository}")
    return _exit_code(checked)


def _exit_code(checked: Sequence[Checked]) -> int:
    verdicts = {each.verdict for each in checked}
    if verdicts & {"differs", "absent"}:
        return 2
    return 1 if "unreachable" in verdicts else 0


def _show(checked: Sequence[Checked]) -> None:
    for each in checked:
        said = _SAID[each.verdict] + (f": {each.why}" if each.why else "")
        print(f"{each.chart.name} {each.chart.version} {said}")
        if each.verdict == "differs":
            print(f"  pinned {each.chart.digest}")
            print(f"  found  {each.found}")
        if each.verdict == "new":
            print(f"  {each.found}")
    counts = Counter(each.verdict for each in checked)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in _SAID if counts[verdict]))


def _document(checked: Sequence[Checked], *, verified: bool) -> Iterator[str]:
    yield json.dumps({"charts": [_chart(each, verified=verified) for each in checked]}, indent=2) + "\n"


def _chart(each: Checked, *, verified: bool) -> dict[str, Any]:
    chart = each.chart
    made: dict[str, Any] = {
        "name": chart.name,
        "repository": chart.repository,
        "version": chart.version,
        "digest": chart.digest,
        "source": chart.source,
        "source_date": chart.source_date,
    }
    if verified:
        made |= {"verdict": each.verdict, "found": each.found, "why": each.why or None}
    return made
