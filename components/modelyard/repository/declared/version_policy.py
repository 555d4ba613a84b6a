"""Which versions the server loads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from ...environment.alternatives import alternatives
from ...environment.declaration import Declaration


class LatestVersions(Declaration):
    """``ModelVersionPolicy.Latest``."""

    latest: Annotated[int, Field(ge=1, le=1000)]
    """How many of the highest numbers."""


class SpecificVersions(Declaration):
    """``ModelVersionPolicy.Specific``."""

    specific: Annotated[list[Annotated[int, Field(ge=1, le=2**31 - 1)]], Field(min_length=1)]


def _kind(value: Any) -> str | None:
    if value in ("latest", "all"):
        return "(word)"
    if isinstance(value, LatestVersions | SpecificVersions):
        return "(latest)" if isinstance(value, LatestVersions) else "(specific)"
    if isinstance(value, dict) and len(value) == 1:
        return {"latest": "(latest)", "specific": "(specific)"}.get(next(iter(value)))
    return None


VersionPolicy = Annotated[
    Annotated[Literal["latest", "all"], Tag("(word)")]
    | Annotated[LatestVersions, Tag("(latest)")]
    | Annotated[SpecificVersions, Tag("(specific)")],
    alternatives(_kind, "latest, all, {latest: <how many>} or {specific: [<version>, ...]}"),
]
"""Default: the version that the environment says, and no other."""
