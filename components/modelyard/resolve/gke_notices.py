"""What somebody should know about a cluster of GKE before it is created."""

from __future__ import annotations

from collections.abc import Iterator

from .gke_first_nodes import nodes_per_zone, zone_count
from .resolved import ResolvedCluster


def gke_notices(cluster: ResolvedCluster) -> Iterator[str]:
    """Pools that begin with another number of nodes than is declared."""
    name, location = cluster.declared.name, cluster.location
    for pool in (*cluster.gpu_pools, *cluster.cpu_pools):
        if pool.declared.provisioner != "managed":
            continue
        named = pool.zones or cluster.zones
        wanted, zones = pool.desired_nodes, zone_count(location, named)
        first = zones * nodes_per_zone(location, named, pool.min_nodes, wanted, pool.max_nodes)
        if first > wanted:
            noun = "zone" if wanted == 1 else "zones"
            yield (
                f"pool {pool.declared.name!r} of cluster {name!r} begins with {first} nodes and not {wanted}, as GKE "
                f"counts them in each of its {zones} zones, and is priced so; name {wanted} {noun} for {wanted}"
            )
