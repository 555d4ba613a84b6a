"""What a price list cannot know: usage, and prices that somebody declares instead of a list."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from ..catalog.price_regions import lending_mistake
from .amount import Amount, Number
from .credential import shown
from .declaration import Declaration
from .known_name import refusal

PriceRegions: TypeAlias = str | list[str]


def _known_regions(declared: dict[str, PriceRegions]) -> dict[str, PriceRegions]:
    mistakes = []
    for key, lenders in declared.items():
        mistake = lending_mistake(key, [lenders] if isinstance(lenders, str) else lenders)
        if mistake:
            mistakes.append(f"{shown(key)}: {mistake}")
    if mistakes:
        raise refusal("; ".join(mistakes))
    return declared


class PriceOverride(Declaration):
    """A price that the catalogue lacks or has wrong."""

    match: str
    """``aws/<region>/<instance type>/<on_demand|spot>``, ``aws/<region>/<service>/<item>``, a beginning of one (of
    gcp and azure alike), or a resource type such as ``aws:kms/key:Key``; ``*`` stands for any text. The first that
    matches counts."""
    usd: Amount
    unit: str
    """hour, month, GB-month, GB, ..."""
    reason: Annotated[str, Field(min_length=8)]
    """Where the figure comes from; printed with every estimate that uses it."""


class CostAssumptions(Declaration):
    """Every assumption that an estimate used is printed with it. A quantity that is not declared leaves its
    line unpriced."""

    hours_per_month: Annotated[Number, Field(gt=0, le=744, strict=False)] = Decimal(730)
    nat_gb_per_month: Amount | None = None
    """Through each NAT gateway."""
    endpoint_gb_per_month: Amount | None = None
    """Through each interface endpoint."""
    log_gb_per_month: Amount | None = None
    """Into each log group."""
    log_stored_gb: Amount | None = None
    """Kept in each log group."""
    model_store_gb: Amount | None = None
    """In each model store."""
    registry_gb: Amount | None = None
    """In each image repository."""
    load_balancer_capacity_units: Amount | None = None
    """Average LCU or NLCU of each load balancer."""
    load_balancer_gb_per_month: Amount | None = None
    """Through each load balancer on Google Cloud and Azure."""
    metric_samples_per_month: Amount | None = None
    """Into each managed Prometheus workspace."""
    registry_task_seconds_per_month: Amount | None = None
    """vCPU seconds of the tasks of each registry of Azure."""
    vault_operations_per_month: Amount | None = None
    """Of each Key Vault."""
    grafana_editors: Amount | None = None
    """Active editors of each managed Grafana workspace."""
    serverless_seconds_per_month: Amount | None = None
    """Time of all requests to each serverless endpoint: their number x the seconds of one."""
    spot_discount: Annotated[Number, Field(gt=0, lt=1, strict=False)] | None = None
    """Fraction off the on-demand price, used only where no spot price is known."""
    price_regions: Annotated[dict[str, PriceRegions], AfterValidator(_known_regions)] = {}
    """By ``<cloud>/<region>``: the region, or regions in this order, of the same cloud whose prices are taken where the
    catalogue has none of its own; for example ``azure/northeurope: [westeurope, eastus]``."""
    price_overrides: list[PriceOverride] = []
