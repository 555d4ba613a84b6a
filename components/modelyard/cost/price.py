"""Prices as an estimate uses them: the catalog's rows, and what the declared assumptions put in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fnmatch import fnmatchcase

from modelyard.catalog import UnknownInstanceType, instance, service_price
from modelyard.catalog.price_regions import nearest_first
from modelyard.catalog.regions import regions
from modelyard.catalog.service_prices import priced_regions
from modelyard.cost.assumptions import Assumptions, PriceOverride
from modelyard.cost.remedy import PRICE_OVERRIDES, PRICE_REGIONS, SPOT_DISCOUNT, Remedy

NO_REGION = ": its source does not say which region it means"


@dataclass(frozen=True, slots=True)
class Price:
    usd: Decimal
    unit: str
    source: str
    source_date: str
    assumed: str | None = None
    """Why these are not simply the dollars of a sourced price; None where they are."""
    note: str | None = None
    """The assumption as the list of them says it, where one sentence stands for many prices; None: as ``assumed``."""


@dataclass(frozen=True, slots=True)
class NoPrice:
    reason: str
    remedy: Remedy | None = None
    """What declared would give one."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    assumptions: Assumptions

    def node_hour(
        self, region: str | None, type_name: str | None, *, spot: bool, cloud: str = "aws"
    ) -> Price | NoPrice:
        """One hour of a machine. A missing spot price is the on-demand price less the declared discount, if any."""
        if region is None:
            return NoPrice("its region is not known")
        if type_name is None:
            return NoPrice("its instance type is not known before the deployment")
        capacity = "spot" if spot else "on_demand"
        item = f"{cloud}/{region}/{type_name}/{capacity}"
        declared = self._override(item, "hour")
        if declared is not None:
            return declared
        try:
            row = instance(cloud, region, type_name)
        except UnknownInstanceType:
            return NoPrice(f"the catalog has no instance type {type_name}; {_by_the_hour(item)}", _override_of(item))
        on_demand = row.usd_per_hour_on_demand
        if on_demand is None and (not spot or row.usd_per_hour_spot is None):
            for other in self.assumptions.lenders(cloud, region):
                lent = PriceBook(replace(self.assumptions, price_regions=None)).node_hour(
                    other, type_name, spot=spot, cloud=cloud
                )
                if isinstance(lent, Price):
                    return _lent(lent, f"price of {type_name} in {region}", cloud, region, other)
        if not spot:
            if on_demand is None:
                return self._no_hour(cloud, region, type_name, item)
            return Price(on_demand, "hour", row.source, row.source_date)
        if row.usd_per_hour_spot is not None:
            suspect = (
                f"spot price of {type_name} in {region} is suspect: {row.spot_suspect}" if row.spot_suspect else None
            )
            return Price(row.usd_per_hour_spot, "hour", row.source, "", suspect)
        discount = self.assumptions.discount(type_name)
        if on_demand is None or discount is None:
            words = f"no spot price of {type_name} in {region} is known; declare spot_discount or a price override"
            return NoPrice(words, _override_of(item) if on_demand is None else Remedy(SPOT_DISCOUNT))
        share = f"{(discount * 100).normalize():f}"
        return Price(
            on_demand * (1 - discount),
            "hour",
            row.source,
            row.source_date,
            f"spot price of {type_name} in {region} is not known: on demand less the declared discount of {share} %",
        )

    def pool_hour(self, cloud: str, region: str | None, type_name: str | None, capacity: str) -> Price | NoPrice:
        """One hour of a node of a pool, by how its machines are bought.

        A reservation costs what its machines cost on demand, whether they run or not, unless an override says what
        was agreed. A capacity block (``block``) is paid when it is bought, and a machine that waits in a queue for its
        start has a price of its own: the catalog has neither. An override of a block is one of ``reserved``.
        """
        if capacity in ("on_demand", "spot"):
            return self.node_hour(region, type_name, spot=capacity == "spot", cloud=cloud)
        item = f"{cloud}/{region}/{type_name}/{'reserved' if capacity == 'block' else capacity}"
        declared = self._override(item, "hour") if region and type_name else None
        if declared is not None:
            return declared
        if capacity == "reserved":
            found = self.node_hour(region, type_name, spot=False, cloud=cloud)
            words = f"{item} is priced as on demand, and for its nodes alone: a reservation is paid, used or not"
            return replace(found, assumed=words) if isinstance(found, Price) else found
        bought = "a capacity block" if capacity == "block" else f"{capacity.replace('_', ' ')} capacity"
        return NoPrice(f"the catalog has no price of {bought}; {_by_the_hour(item)}", _override_of(item))

    def service(
        self,
        region: str | None,
        service: str,
        sku: str,
        unit: str,
        type_token: str | None = None,
        *,
        cloud: str = "aws",
    ) -> Price | NoPrice:
        """One unit of an item of a cloud's service, perhaps as resources of one type use it."""
        if region is None:
            return NoPrice("its region is not known")
        declared = self._override(f"{cloud}/{region}/{service}/{sku}", unit, type_token)
        if declared is not None:
            return declared
        row = service_price(cloud, service, sku, region)
        if row is None:
            for other in self.assumptions.lenders(cloud, region):
                lent = service_price(cloud, service, sku, other)
                if lent is not None and lent.unit == unit:
                    price = Price(lent.usd, unit, lent.source, lent.source_date)
                    return _lent(price, f"price of {service} ({sku}) in {region}", cloud, region, other)
            words = f"the catalog has no price of {service} ({sku}) in {region}"
            item = f"{cloud}/{region}/{service}/{sku}"
            return _unknown(words, cloud, region, item, unit, priced_regions(cloud, service, sku, unit))
        if row.unit != unit:
            return NoPrice(f"the catalog's price of {service} ({sku}) is for a {row.unit}, not for a {unit}")
        assumed = None if row.region else f"price of {service} ({sku}){NO_REGION}"
        return Price(row.usd, unit, row.source, row.source_date, assumed)

    def _no_hour(self, cloud: str, region: str, type_name: str, item: str) -> NoPrice:
        priced = [
            each.name
            for each in regions(cloud)
            if instance(cloud, each.name, type_name).usd_per_hour_on_demand is not None
        ]
        words = f"the catalog has no price of {type_name} in {region}"
        return _unknown(words, cloud, region, item, "hour", priced)

    def _override(self, item: str, unit: str, type_token: str | None = None) -> Price | NoPrice | None:
        """The first declared price that means this item.

        One by path must be for the item's unit. One by resource type speaks of that one of the type's items which
        is sold by its unit, and leaves the others alone.
        """
        for override in self.assumptions.price_overrides:
            if _matches(override.match, item):
                return _overridden(override, item, unit)
            if type_token and fnmatchcase(type_token, override.match) and _same_unit(override.unit, unit):
                return _overridden(override, item, unit)
        return None


def _lent(price: Price, what: str, cloud: str, region: str, other: str) -> Price:
    note = f"prices of {cloud}/{region} that the catalog lacks are taken from {other}"
    return replace(price, assumed=f"{what} is taken from {other}", note=note)


def _unknown(words: str, cloud: str, region: str, item: str, unit: str, priced: Iterable[str]) -> NoPrice:
    """Offer the price of another region where there is one, else an override."""
    override = f"a price override of {item!r} by the {unit} can declare one"
    others = nearest_first(region, priced)
    if not others:
        return NoPrice(f"{words}; {override}", _override_of(item, unit))
    remedy = Remedy(PRICE_REGIONS, f"{cloud}/{region}", regions=others)
    return NoPrice(f"{words}; price_regions can take that of {others[0]}, or {override}", remedy)


def _override_of(item: str, unit: str = "hour") -> Remedy:
    return Remedy(PRICE_OVERRIDES, item, unit)


def _by_the_hour(item: str) -> str:
    return f"a price override of {item!r} by the hour can declare one"


def _matches(pattern: str, item: str) -> bool:
    """Whether a path means the item; a path that stops before its end means all below it."""
    return fnmatchcase(item, pattern) or fnmatchcase(item, f"{pattern}/*")


def _same_unit(declared: str, unit: str) -> bool:
    """``month`` may stand for one of a thing a month: ``key-month``, ``secret-month``."""
    return declared == unit or (declared == "month" and unit.endswith("-month") and unit != "GB-month")


def _overridden(override: PriceOverride, item: str, unit: str) -> Price | NoPrice:
    if not _same_unit(override.unit, unit):
        return NoPrice(
            f"the price override {override.match!r} is for a {override.unit}, and {item} is sold by the {unit}"
        )
    words = f"{item} costs {override.usd} USD a {unit}: {override.reason}"
    return Price(override.usd, unit, "declared", "", words)
