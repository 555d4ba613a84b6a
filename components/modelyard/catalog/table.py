"""A table of facts: one CSV file under ``data/``, read once."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from modelyard.catalog.spelling import nearest

_DATA = Path(__file__).parent / "data"


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
    """Every row of ``data/<file_name>``, as text by column name; an empty cell is an empty text."""
    with (_DATA / file_name).open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
