"""With how many nodes a pool of GKE begins, which GKE counts in each zone."""

from __future__ import annotations

from collections.abc import Sequence

_ZONES_OF_A_REGION = 3
"""A regional cluster takes three zones by itself ("Regional clusters" of the GKE documentation)."""


def nodes_per_zone(location: str, zones: Sequence[str], min_nodes: int, desired_nodes: int, max_nodes: int) -> int:
    """``initialNodeCount`` of a pool.

    As many as are wanted at first, rounded down, but never fewer than the pool always has unless rounding up would
    exceed its maximum. The autoscaler brings what is missing.
    """
    count = zone_count(location, zones)
    always = -(-min_nodes // count)
    if always * count > max_nodes:
        always = min_nodes // count
    return max(desired_nodes // count, always)


def zone_count(location: str, zones: Sequence[str]) -> int:
    """Zones in which a pool has nodes.

    Args:
        location: region of the cluster, or its zone.
        zones: empty: those of the cluster.
    """
    is_zonal = location.count("-") > 1
    return len(zones) or (1 if is_zonal else _ZONES_OF_A_REGION)
