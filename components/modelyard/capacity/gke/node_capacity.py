"""How the nodes of a GKE node pool are bought, and how the autoscaler treats them.

Follows "NodeConfig" of the GKE API reference and "About flex-start provisioning" of the GKE documentation.
"""

from __future__ import annotations

from typing import Any

from ...resolve.resolved_pool import ResolvedGpuPool

_HOUR_SECONDS = 3600
_RESERVATION_NAME = "compute.googleapis.com/reservation-name"
_SCHEDULED = ("queued", "flex_start")
"""Brought by Dynamic Workload Scheduler: without reservations, repair and a promised number."""


def bought(pool: ResolvedGpuPool) -> dict[str, Any]:
    """Part of the node configuration; each of these forces a new node pool when it changes."""
    capacity, flex_start = pool.capacity, pool.declared.flex_start
    if capacity == "spot":
        return {"spot": True}
    if capacity in _SCHEDULED:
        none = {"reservation_affinity": {"consume_reservation_type": "NO_RESERVATION"}}
        if capacity == "queued":
            return none
        hours = flex_start.max_run_hours if flex_start is not None else 168
        return {**none, "flex_start": True, "max_run_duration": f"{hours * _HOUR_SECONDS}s"}
    if capacity == "reservation":
        return {"reservation_affinity": _affinity(pool)}
    return {}


def is_scheduled(pool: ResolvedGpuPool) -> bool:
    """Whether Dynamic Workload Scheduler brings the nodes."""
    return pool.capacity in _SCHEDULED


def location_policy(capacity: str) -> str:
    """BALANCED over the zones where nodes are bought on demand; elsewhere the zone that has some."""
    return "BALANCED" if capacity == "on_demand" else "ANY"


def _affinity(pool: ResolvedGpuPool) -> dict[str, Any]:
    reservation = pool.declared.reservation
    if reservation is None or reservation.affinity == "any":
        return {"consume_reservation_type": "ANY_RESERVATION"}
    return {
        "consume_reservation_type": "SPECIFIC_RESERVATION",
        "key": _RESERVATION_NAME,
        "values": [reservation.id],
    }
