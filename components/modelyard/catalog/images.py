"""Container images of third parties that the platform runs, each pinned by digest where one is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from modelyard.catalog.table import UnknownName, rows


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    reference: str
    """Registry, repository and tag."""
    digest: str | None
    """``sha256:...``; None: no source read so far gives it."""
    source: str
    source_date: str

    @property
    def pinned(self) -> str:
        """The reference with its digest, or alone where the digest is not known."""
        return f"{self.reference}@{self.digest}" if self.digest else self.reference


def get(name: str) -> Image:
    """The image of this name.

    Raises:
        UnknownName: no such image.
    """
    try:
        return _by_name()[name]
    except KeyError:
        raise UnknownName("image", name, _by_name()) from None


@cache
def _by_name() -> dict[str, Image]:
    return {
        row["name"]: Image(row["name"], row["reference"], row["digest"] or None, row["source"], row["source_date"])
        for row in rows("images.csv")
    }
