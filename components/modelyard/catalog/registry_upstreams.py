"""Registries that each cloud's registry can fetch images through from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from .table import rows

Credentials = Literal["none", "optional", "required"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """One registry as one cloud knows it."""

    host: str
    """As people write it in an image's address: ``docker.io``."""
    url: str
    """As the cloud wants it: ``registry-1.docker.io``."""
    credentials: Credentials
    """Whether the cloud takes it without credentials, with them, or either way."""


def upstreams(cloud: str) -> dict[str, Upstream]:
    """By host, those of one cloud: ``aws``, ``gcp`` or ``azure``."""
    return _by_cloud()[cloud]


@cache
def _by_cloud() -> dict[str, dict[str, Upstream]]:
    found: dict[str, dict[str, Upstream]] = {}
    for row in rows("registry_upstreams.csv"):
        known = Upstream(row["upstream"], row["url"], cast(Credentials, row["credentials"]))
        found.setdefault(row["cloud"], {})[known.host] = known
    return found
