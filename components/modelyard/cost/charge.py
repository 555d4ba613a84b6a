"""Charges: what a rule finds out about one resource, before anything is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from modelyard.cost.remedy import Remedy

Kind: TypeAlias = Literal["department", "shared", "idle"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who pays: a department (perhaps for one of its models), or everyone."""

    department: str | None = None
    """None: shared. Resources of department ``platform`` and those without a tag are shared."""
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """Dollars a month for one item of one resource, exact."""

    urn: str
    what: str
    kind: Kind
    owner: Owner
    quantity: Decimal
    unit: str
    unit_usd: Decimal
    usd: Decimal
    region: str | None
    source: str
    source_date: str
    sourced: bool = True
    """Whether the price comes from a source; False where it was assumed."""
    assumed: str | None = None
    """What was assumed of price or quantity, in words; None: nothing."""


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Something that costs money and has no dollars in the estimate."""

    urn: str
    type: str
    what: str
    reason: str
    department: str | None = None
    """The department that it would be charged to; None: shared."""
    remedies: tuple[Remedy, ...] = ()
    """What declared would price it; all of them together. Empty: nothing that can be declared."""


@dataclass(slots=True)
class Findings:
    """What the rules found in a graph."""

    charges: list[Charge]
    unpriced: dict[Unpriced, None]
    """In the order found; each once."""
    notes: list[str]
    """Assumptions that were used, in words."""
    billable: set[str]
    """URNs of resources that cost money, priced or not."""
    growth_usd: Decimal
    """Dollars a month on top when every autoscaler is at its maximum."""

    @classmethod
    def none(cls) -> Findings:
        return cls([], {}, [], set(), Decimal(0))

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
