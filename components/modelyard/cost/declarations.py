"""What to declare so that an estimate leaves nothing out: one block for ``platform.yaml``."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modelyard.cost.charge import Unpriced
from modelyard.cost.remedy import PRICE_REGIONS

_TABLE = Path(__file__).parent / "data" / "quantities.csv"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A field of ``Assumptions`` that is one number: a quantity that use alone can tell, or a discount."""

    key: str
    figure: str
    """A figure to start from, as YAML: an example, no measurement."""
    words: str
    """What it counts, and of what."""


def declarations(unpriced: Iterable[Unpriced]) -> list[str]:
    """Lines of YAML that price what can be priced by quantities and by prices of other regions; none where that is
    nothing. Price overrides are left out: nobody else knows their figures."""
    entries = list(unpriced)
    lines: list[str] = []
    for key, number in _counted(entries).items():
        quantity = quantities()[key]
        lines.append(f"  {key}: {quantity.figure}  # {quantity.words}; items: {number}")
    regions = _lenders(entries)
    if regions:
        lines.append(f"  {PRICE_REGIONS}:")
        lines += [f"    {match}: [{', '.join(lenders)}]" for match, lenders in sorted(regions.items())]
    return ["costs:", *lines] if lines else []


@cache
def quantities() -> Mapping[str, Quantity]:
    """By key, in the order in which they are offered."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {row["key"]: Quantity(row["key"], row["figure"], row["words"]) for row in csv.DictReader(lines)}


def _counted(entries: Iterable[Unpriced]) -> dict[str, int]:
    found = dict.fromkeys(quantities(), 0)
    for each in entries:
        for remedy in each.remedies:
            if remedy.key in found:
                found[remedy.key] += 1
    return {key: number for key, number in found.items() if number}


def _lenders(entries: Iterable[Unpriced]) -> dict[str, list[str]]:
    """As few regions as have all prices, first the one with most of them, and of several the nearest."""
    missing: dict[str, set[tuple[str, ...]]] = {}
    for each in entries:
        for remedy in each.remedies:
            if remedy.key == PRICE_REGIONS:
                missing.setdefault(remedy.match, set()).add(remedy.regions)
    found: dict[str, list[str]] = {}
    for match, wanted in missing.items():
        left, nearness = set(wanted), {name: rank for offer in sorted(wanted) for rank, name in enumerate(offer)}
        while left:
            best = min(nearness, key=lambda name: (-sum(name in offer for offer in left), nearness[name], name))
            found.setdefault(match, []).append(best)
            left = {offer for offer in left if best not in offer}
    return found
