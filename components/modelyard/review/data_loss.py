"""What people keep in a resource that goes, and what its cloud does about that (``catalog/data/data_holders.csv``)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..catalog.table import rows

if TYPE_CHECKING:
    from .changes import Change
    from .earlier_plan import EarlierResource


def with_loss(change: Change, before: EarlierResource | None) -> Change:
    """The change with what is lost by it, where the one that was there goes and people keep something in it.

    Args:
        change: of one resource.
        before: as the earlier plan has it.
    """
    if change.kind not in ("replaced", "gone") or before is None:
        return change
    row = next((row for row in rows("data_holders.csv") if row["type"] == change.type), None)
    if row is None:
        return change
    guard = row["guard"] or None
    if row["guard_off"] and before.inputs.get(row["guard_off"]) is True:
        guard = None
    if before.protect:
        guard = "it is protected: pulumi up refuses that"
    return replace(change, loses=row["holds"], guard=guard)
