"""What a cloud's price API says of one region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """Of one machine type, in USD by the hour, accelerators and disks that it always has included."""

    usd_per_hour_on_demand: Decimal
    usd_per_hour_spot: Decimal | None = None
    """None: the API does not say."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """The answer for one region, of machine types that the catalogue knows."""

    cloud: str
    region: str
    source: str
    """Which API, and which version of its list."""
    source_date: str
    """Day that the list was published, or else that it was asked for: YYYY-MM-DD."""
    prices: Mapping[str, Price]
    has_spot: bool
    """Whether the API tells spot prices at all."""
    unpriced: Mapping[str, str] = field(default_factory=dict)
    """Machine type to why it has no price."""
