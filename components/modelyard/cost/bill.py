"""The bill while rules write it: prices looked up, charges and gaps noted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from modelyard.cost.assumptions import Assumptions
from modelyard.cost.charge import Charge, Findings, Owner, Unpriced
from modelyard.cost.owner import owner_of
from modelyard.cost.price import NoPrice, Price, PriceBook
from modelyard.cost.remedy import Remedy
from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.region import cloud_of, region_of

HOURS = "hours"
_BILLIONTH = Decimal("1e-9")


@dataclass(slots=True)
class Bill:
    graph: ResourceGraph
    book: PriceBook
    findings: Findings = field(default_factory=Findings.none)
    node_hours: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    """Of all pools that were charged so far, by cloud and region."""

    @property
    def assumptions(self) -> Assumptions:
        return self.book.assumptions

    @property
    def hours(self) -> Decimal:
        return self.assumptions.hours_per_month

    def hourly(self, resource: Resource, what: str, service: str, sku: str, count: int = 1) -> None:
        """Charge ``count`` of something that runs all month."""
        self.item(resource, what, service, sku, "hour", self.hours * count)

    def usage(
        self,
        resource: Resource,
        what: str,
        service: str,
        sku: str,
        unit: str,
        declared: str,
        per: Decimal,
        *,
        times: Decimal = Decimal(1),
        region: str | None = None,
        cloud: str | None = None,
    ) -> None:
        """Charge what only an assumption can tell; unpriced while it is not declared.

        Args:
            declared: the field of ``Assumptions``.
            per: how much of the field one unit of the price holds.
            times: of what is an average, the hours of a month.
        """
        amount = getattr(self.assumptions, declared)
        if amount is None:
            self._by_use(resource, what, service, sku, unit, declared, region, cloud)
            return
        self.findings.note(f"{declared}: {amount:f} for each resource that it speaks of")
        words = f"{declared}: {amount:f}"
        self.item(resource, what, service, sku, unit, amount * times / per, region=region, cloud=cloud, assumed=words)

    def item(
        self,
        resource: Resource,
        what: str,
        service: str,
        sku: str,
        unit: str,
        quantity: Decimal | int,
        *,
        region: str | None = None,
        cloud: str | None = None,
        assumed: str | None = None,
    ) -> None:
        """Charge a quantity of a service's item to the resource's owner, or say that it has no price.

        ``cloud`` and ``region`` are the resource's own; a Kubernetes object has its cluster's.
        """
        price, region = self._price(resource, service, sku, unit, region, cloud)
        if isinstance(price, NoPrice):
            self.unpriced(resource, what, price)
            return
        self.charge(resource, what, owner_of(resource, self.graph), Decimal(quantity), price, region, assumed=assumed)

    def charge(
        self,
        resource: Resource,
        what: str,
        owner: Owner,
        quantity: Decimal,
        price: Price,
        region: str | None,
        *,
        idle: bool = False,
        assumed: str | None = None,
        unit: str | None = None,
    ) -> None:
        """Charge a quantity at a price that was looked up."""
        self.findings.billable.add(resource.urn)
        if price.assumed:
            self.findings.note(price.note or price.assumed)
        self.findings.charges.append(
            Charge(
                urn=resource.urn,
                what=what,
                kind="idle" if idle else "department" if owner.department else "shared",
                owner=Owner() if idle else owner,
                quantity=quantity,
                unit=unit or price.unit,
                unit_usd=price.usd,
                usd=_exact(quantity * price.usd),
                region=region,
                source=price.source,
                source_date=price.source_date,
                sourced=price.assumed is None,
                assumed="; ".join(each for each in (price.assumed, assumed) if each) or None,
            )
        )

    def count_nodes(self, cloud: str, region: str | None, hours: Decimal) -> None:
        """Note nodes for what is charged by the machine: Cloud NAT."""
        key = cloud, region or ""
        self.node_hours[key] = self.node_hours.get(key, Decimal(0)) + hours

    def growth(self, quantity: Decimal, price: Price) -> None:
        """Note what autoscalers may add to the month."""
        self.findings.growth_usd += _exact(quantity * price.usd)

    def unpriced(
        self,
        resource: Resource,
        what: str,
        why: str | NoPrice,
        owner: Owner | None = None,
        *,
        remedies: tuple[Remedy, ...] = (),
    ) -> None:
        """Note something that costs money and gets no dollars."""
        self.findings.billable.add(resource.urn)
        payer = owner or owner_of(resource, self.graph)
        if isinstance(why, NoPrice):
            remedies = (*remedies, *([why.remedy] if why.remedy else []))
            why = why.reason
        self.findings.unpriced[Unpriced(resource.urn, resource.type, what, why, payer.department, remedies)] = None

    def _by_use(
        self,
        resource: Resource,
        what: str,
        service: str,
        sku: str,
        unit: str,
        declared: str,
        region: str | None,
        cloud: str | None,
    ) -> None:
        """What lacks a quantity may lack a price as well: say both at once."""
        reason = f"it depends on use; declare the assumption {declared} to price it"
        price, _ = self._price(resource, service, sku, unit, region, cloud)
        if isinstance(price, NoPrice) and price.remedy is not None:
            self.unpriced(
                resource, what, replace(price, reason=f"{reason}; and {price.reason}"), remedies=(Remedy(declared),)
            )
        else:
            self.unpriced(resource, what, reason, remedies=(Remedy(declared),))

    def _price(
        self, resource: Resource, service: str, sku: str, unit: str, region: str | None, cloud: str | None
    ) -> tuple[Price | NoPrice, str | None]:
        """Of a service's item, and the region that it is of."""
        cloud = cloud or cloud_of(resource)
        region = region or canonical_region(cloud, region_of(resource, self.graph))
        return self.book.service(region, service, sku, unit, resource.type, cloud=cloud), region


def canonical_region(cloud: str, region: str | None) -> str | None:
    """``us-central1`` for ``US-CENTRAL1``, ``northeurope`` for ``North Europe``; a multi-region (``EU``) as it is."""
    if region is None or cloud == "aws" or (cloud == "gcp" and "-" not in region):
        return region
    return region.replace(" ", "").lower()


def _exact(usd: Decimal) -> Decimal:
    """Dollars to a billionth: sums of such figures are exact in any order, so parts always add up."""
    return usd.quantize(_BILLIONTH)
