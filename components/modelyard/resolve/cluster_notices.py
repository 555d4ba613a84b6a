"""What somebody should know about a cluster before it is created."""

from __future__ import annotations

from collections.abc import Iterator

from ..environment.network import Network
from .resolved import ResolvedCluster


def cluster_notices(cluster: ResolvedCluster, tier: str, used_pools: set[str], images: list[str]) -> Iterator[str]:
    """Sentences about one cluster.

    Args:
        cluster: the cluster.
        tier: of the environment.
        used_pools: names of pools that a model runs in.
        images: what its models run.
    """
    declared = cluster.declared
    name = declared.name
    if declared.existing is None:
        access = declared.api_access
        if not access.public_cidrs and not access.bastion:
            yield (
                f"nobody outside the VPC of cluster {name!r} can reach its API: it has no public endpoint and no "
                "bastion, so pulumi up must run inside; set api_access.public_cidrs or api_access.bastion"
            )
        outside = [image for image in images if not image.startswith("registry:") and ".dkr.ecr." not in image]
        if isinstance(declared.network, Network) and declared.network.nat == "none":
            reached = f" such as {outside[0].partition('@')[0]}" if outside else " of the cluster's own software"
            yield (
                f"cluster {name!r} has no NAT gateway, so its nodes cannot pull images from outside{reached}; "
                "mirror them into the image registry, or set network.nat"
            )
    else:
        yield (
            f"cluster {name!r} exists already: it has to have the NVIDIA device plugin, metrics-server, a gateway "
            "'modelyard' in gateway-system and the autoscaler's metric triton_queue_ms; Modelyard adds pools, "
            "namespaces and models there, and no ServiceMonitors or alerts"
        )
    for pool in cluster.gpu_pools:
        own = pool.declared.name
        if pool.declared.capacity == "spot" and tier == "prod" and len(pool.instance_types) == 1:
            yield (
                f"the spot pool {own!r} of cluster {name!r} has one instance type, {pool.instance_types[0]}; when "
                "that has no capacity the pool has none: name more"
            )
        if pool.usd_per_hour is None:
            yield f"{pool.price_basis} of pool {own!r} has no price in the catalogue"
        if own not in used_pools:
            yield f"pool {own!r} of cluster {name!r} serves no model"
