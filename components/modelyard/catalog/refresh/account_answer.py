"""What a cloud tells an account that it may run in one region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Offering:
    """One machine type, for this account."""

    zones: tuple[str, ...]
    """By name, as the account sees them; empty: nowhere, or in a region without zones."""
    zone_ids: tuple[str, ...] = ()
    """In the order of ``zones``, on AWS, where each account has its own names for the same places."""
    offered: bool = True
    why: str = ""
    """Why it is not offered, or not in every zone, as the cloud says it."""


@dataclass(frozen=True, slots=True)
class AccountQuota:
    family: str
    """As the catalogue writes it."""
    capacity: Literal["on_demand", "spot"]
    limit: int


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    cloud: str
    region: str
    source: str
    source_date: str
    """Day that it was asked for: YYYY-MM-DD."""
    offerings: Mapping[str, Offering] | None
    """By machine type, of those that the catalogue knows; None: the cloud is not asked."""
    quotas: Sequence[AccountQuota]
    passed_over: Sequence[str] = ()
    """Quotas of machines that the catalogue knows no family for, by the cloud's names."""


def family_of(name: str, families: frozenset[str]) -> str | None:
    """The catalogue's name of a quota family, which clouds write in several ways; None: there is none."""
    wanted = _plain(name)
    for family in sorted(families):
        if wanted in (_plain(family), _plain(family).partition("(")[0]):
            return family
    return None


def known_families(cloud: str) -> frozenset[str]:
    """Families that the catalogue's machine types count towards."""
    from modelyard.catalog.instance_shapes import shapes

    return frozenset(shape.quota_family for (of, _), shape in shapes().items() if of == cloud and shape.quota_family)


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "")
