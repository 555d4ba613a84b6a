"""The reviewed table of what clouds refuse (``catalog/data/gpu_refusals.csv``): each rule with its sentence and the
document that it follows."""

from __future__ import annotations

from functools import cache

from ..catalog.table import rows
from .finding import Finding


def refusal(rule: str, *steps: str | int, **values: object) -> Finding:
    """The finding of one rule, its sentence filled in."""
    return Finding(steps, _sentences()[rule].format(**values))


@cache
def _sentences() -> dict[str, str]:
    return {row["rule"]: row["message"] for row in rows("gpu_refusals.csv")}
