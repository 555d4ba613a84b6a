"""How strict each rule is in each tier: ``data/levels.csv``."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

TIERS: Final = ("dev", "staging", "prod")
LEVELS: Final = ("advisory", "mandatory", "disabled")


def level(policy: str, tier: str) -> str:
    """advisory, mandatory or disabled. A rule that runs without configuration has its level of prod."""
    return table()[policy][tier]


@cache
def table() -> dict[str, dict[str, str]]:
    """Rule name to tier to level, in the order of the file."""
    with (Path(__file__).parent / "data" / "levels.csv").open(encoding="utf-8", newline="") as lines:
        return {row["policy"]: {tier: row[tier] for tier in TIERS} for row in csv.DictReader(lines)}
