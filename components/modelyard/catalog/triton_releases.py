"""Releases of Triton's containers and the server's own version in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class TritonRelease:
    release: str
    """Of the container: ``26.07``. Releases compare as text."""
    server_version: str
    """What the server says of itself: ``2.71.0``."""
    source: str
    source_date: str


def get(release: str) -> TritonRelease:
    """``get("26.07")``.

    Raises:
        UnknownName: no such release.
    """
    try:
        return _by_release()[release]
    except KeyError:
        raise UnknownName("Triton release", release, _by_release()) from None


def names() -> tuple[str, ...]:
    """All known releases, oldest first."""
    return tuple(_by_release())


def of_server(version: str) -> TritonRelease | None:
    """The release whose server says this version (``2.51.0``); None: no known one does."""
    return next((found for found in _by_release().values() if found.server_version == version), None)


@cache
def _by_release() -> dict[str, TritonRelease]:
    return {
        row["release"]: TritonRelease(row["release"], row["server_version"], row["source"], row["source_date"])
        for row in rows("triton_releases.csv")
    }
