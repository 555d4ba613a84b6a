"""What SageMaker allows at most, and where serverless inference is offered."""

from __future__ import annotations

from functools import cache

from modelyard.catalog.table import rows


def limit(name: str) -> int:
    """One number: ``limit("variants")`` is 10."""
    return int(_table()[name])


def serverless_memory_mib() -> tuple[int, ...]:
    """Sizes that a serverless endpoint may have."""
    return tuple(int(size) for size in _table()["serverless_memory_mib"].split())


def serverless_regions() -> tuple[str, ...]:
    return tuple(_table()["serverless_regions"].split())


@cache
def _table() -> dict[str, str]:
    return {row["limit"]: row["value"] for row in rows("sagemaker_limits.csv")}
