"""Kubernetes versions on Amazon EKS: until when a control plane costs the standard rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class EksVersion:
    version: str
    released: date
    end_of_standard_support: date
    """From the beginning of this day (UTC) extended support is billed."""
    end_of_extended_support: date
    source: str
    source_date: str


def get(version: str) -> EksVersion:
    """The version ``"1.34"``.

    Raises:
        UnknownName: EKS has no such version as far as the table knows.
    """
    try:
        return _by_version()[version]
    except KeyError:
        raise UnknownName("EKS version", version, _by_version()) from None


def names() -> tuple[str, ...]:
    """Known versions, newest first."""
    return tuple(_by_version())


@cache
def _by_version() -> dict[str, EksVersion]:
    return {
        row["version"]: EksVersion(
            version=row["version"],
            released=date.fromisoformat(row["released"]),
            end_of_standard_support=date.fromisoformat(row["end_of_standard_support"]),
            end_of_extended_support=date.fromisoformat(row["end_of_extended_support"]),
            source=row["source"],
            source_date=row["source_date"],
        )
        for row in rows("eks_versions.csv")
    }
