"""How a managed node group buys its machines: what the group says of it, and what its launch template says.

Follows "Create a managed node group with Capacity Blocks for ML" of the EKS user guide and
CapacityReservationSpecification of the Amazon EC2 API reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...environment.node_capacity import Reservation


@dataclass(frozen=True, slots=True)
class CapacityPurchase:
    capacity_type: str
    """Of the node group."""
    instance_types: Sequence[str] | None
    """Of the node group; None where the template names the one."""
    instance_type: str | None = None
    """Of the launch template."""
    market_type: str | None = None
    reservation: dict[str, Any] | None = None
    """``capacityReservationSpecification`` of the launch template."""
    update_strategy: str | None = None
    """Of the node group's updates. ``MINIMAL``: a node goes before its successor comes; a reservation that is full has
    no room for both."""


def capacity_purchase(
    capacity: str, instance_types: Sequence[str], reservation: Reservation | None
) -> CapacityPurchase:
    """Of on_demand, spot, reservation and capacity_block."""
    if capacity == "spot" or reservation is None:
        return CapacityPurchase(capacity.upper(), instance_types)
    if capacity == "capacity_block":
        return CapacityPurchase(
            "CAPACITY_BLOCK",
            None,
            instance_type=instance_types[0],
            market_type="capacity-block",
            reservation={"capacity_reservation_target": {"capacity_reservation_id": reservation.id}},
            update_strategy="MINIMAL",
        )
    if reservation.affinity == "any":
        return CapacityPurchase("ON_DEMAND", instance_types, reservation={"capacity_reservation_preference": "open"})
    kind = "capacity_reservation_resource_group_arn" if reservation.id.startswith("arn:") else "capacity_reservation_id"
    return CapacityPurchase(
        "ON_DEMAND",
        instance_types,
        reservation={
            # A group that is full would otherwise be left for machines on demand.
            "capacity_reservation_preference": "capacity-reservations-only",
            "capacity_reservation_target": {kind: reservation.id},
        },
        update_strategy="MINIMAL",
    )
