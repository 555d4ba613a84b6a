"""What can be declared under ``costs`` of platform.yaml to price what has no price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRICE_REGIONS = "price_regions"
PRICE_OVERRIDES = "price_overrides"
SPOT_DISCOUNT = "spot_discount"


@dataclass(frozen=True, slots=True)
class Remedy:
    key: str
    """A field of ``Assumptions``: a quantity, or one of the names above."""
    match: str = ""
    """Of ``price_regions`` the ``<cloud>/<region>``, of ``price_overrides`` the item; empty for the others."""
    unit: str = ""
    """What a price override must be for."""
    regions: tuple[str, ...] = ()
    """Of ``price_regions``: those with a price, the nearest first."""

    @property
    def by_use(self) -> bool:
        """Whether it is a quantity, which only use can tell."""
        return self.key not in (PRICE_REGIONS, PRICE_OVERRIDES, SPOT_DISCOUNT)

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "match": self.match, "unit": self.unit, "regions": list(self.regions)}
