"""What a new price list changes in the catalogue's table of prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from modelyard.catalog import accelerators
from modelyard.catalog.instance_shapes import shapes
from modelyard.catalog.refresh.price_list import Price, PriceList

Row = Mapping[str, str]
PriceKind = Literal["on_demand", "spot"]


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One price that is another than before."""

    region: str
    instance_type: str
    kind: PriceKind
    before: Decimal | None
    """USD by the hour; None: there was none."""
    after: Decimal | None

    @property
    def percent(self) -> Decimal | None:
        """By how much it rose (above 0) or fell; None where there was none, or is none."""
        if not self.before or self.after is None:
            return None
        return (self.after - self.before) / self.before * 100


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A table of prices after one region's list."""

    rows: Sequence[Row]
    """The whole table, in its form."""
    changes: Sequence[PriceChange]
    unchanged: int
    """Prices that are what they were."""
    kept: Mapping[str, str]
    """Machine types whose row stays as it was, for the API has no price of them, and why."""


def known_types(cloud: str) -> frozenset[str]:
    """Machine types of a cloud that the catalogue knows the shape of."""
    return frozenset(name for of_cloud, name in shapes() if of_cloud == cloud)


def refreshed(table: Sequence[Row], prices: PriceList) -> Refreshed:
    """The table with a list's prices in place of what it had of that cloud and region.

    Args:
        table: rows as instances.csv has them.
        prices: of one cloud and region.

    Rows of other regions, and of types that the list has no price of, stay as they are, source and date included.
    """
    before = {row["instance_type"]: row for row in table if _is_of(row, prices)}
    after: dict[str, Row] = dict(before)
    changes: list[PriceChange] = []
    unchanged = 0
    for name, price in sorted(prices.prices.items()):
        row = _row(name, price, before.get(name), table, prices)
        after[name] = row
        kinds: tuple[PriceKind, ...] = ("on_demand", "spot") if prices.has_spot else ("on_demand",)
        for kind in kinds:
            old, new = _usd(before.get(name), kind), _usd(row, kind)
            if old == new:
                unchanged += new is not None
            else:
                changes.append(PriceChange(prices.region, name, kind, old, new))
    others = [row for row in table if not _is_of(row, prices)]
    kept = {name: why for name, why in prices.unpriced.items() if name in before}
    return Refreshed(_sorted([*others, *after.values()]), changes, unchanged, kept)


def _row(name: str, price: Price, before: Row | None, table: Iterable[Row], prices: PriceList) -> Row:
    spot, source = price.usd_per_hour_spot, prices.source
    spot_cell = _cell(spot)
    if not prices.has_spot and before is not None and before["usd_per_hour_spot"]:
        spot_cell = before["usd_per_hour_spot"]
        source += f"; spot as it was on {before['source_date'] or 'a day that its source does not name'}"
    return {
        **(before or _shape_cells(name, table, prices)),
        "usd_per_hour_on_demand": _cell(price.usd_per_hour_on_demand),
        "usd_per_hour_spot": spot_cell,
        "source": source,
        "source_date": prices.source_date,
    }


def _shape_cells(name: str, table: Iterable[Row], prices: PriceList) -> Row:
    """Of a type that the region had no row of."""
    elsewhere = next((row for row in table if (row["cloud"], row["instance_type"]) == (prices.cloud, name)), None)
    if elsewhere is not None:
        return {**elsewhere, "region": prices.region}
    shape = shapes()[prices.cloud, name]
    memory = _cell(accelerators.get(shape.accelerator).memory_gib) if shape.accelerator else ""
    return {
        "cloud": prices.cloud,
        "region": prices.region,
        "instance_type": name,
        "vcpu": str(shape.vcpu),
        "memory_gib": _cell(shape.memory_gib),
        "gpu_model": shape.accelerator or "",
        "gpu_count": str(shape.accelerator_count),
        "gpu_memory_gib": memory,
    }


def _is_of(row: Row, prices: PriceList) -> bool:
    return (row["cloud"], row["region"]) == (prices.cloud, prices.region)


def _usd(row: Row | None, kind: PriceKind) -> Decimal | None:
    text = row[f"usd_per_hour_{kind}"] if row is not None else ""
    return Decimal(text) if text else None


def _cell(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _sorted(table: Iterable[Row]) -> list[Row]:
    return sorted(table, key=lambda row: (row["cloud"], row["region"], row["instance_type"]))
