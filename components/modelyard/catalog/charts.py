"""Helm charts that the platform installs, each at a pinned version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from modelyard.catalog.table import UnknownName, rows

TABLE = Path(__file__).parent / "data" / "charts.csv"
"""The file that this release came with."""


@dataclass(frozen=True, slots=True)
class Chart:
    name: str
    repository: str
    version: str
    digest: str | None
    """``sha256:...`` of the archive; of a chart in an OCI registry of its manifest. None: no source read so far says
    it."""
    source: str
    source_date: str

    @property
    def is_oci(self) -> bool:
        return self.repository.startswith("oci://")

    @property
    def reference(self) -> str:
        """What Helm is told beside the version: the name, or of an OCI registry all but the tag. With the digest Helm
        refuses another content under the version's tag; of an index it compares no digest when it installs."""
        if not self.is_oci:
            return self.name
        return f"{self.repository}/{self.name}" + (f"@{self.digest}" if self.digest is not None else "")


def get(name: str) -> Chart:
    """The chart of this name.

    Raises:
        UnknownName: no such chart.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("chart", name, _by_name()) from None


@cache
def _by_name() -> dict[str, Chart]:
    return {chart.name: chart for chart in map(chart_of, rows("charts.csv"))}


def chart_of(row: Mapping[str, str]) -> Chart:
    """The chart of one row of the table."""
    return Chart(
        row["name"],
        row["repository"],
        row["version"],
        row["digest"] or None,
        row["source"],
        row["source_date"],
    )
