"""What a cluster of GKE stands on: the provider of its project and region, and a VPC network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment.network import ExistingGoogleNetwork, Network
from ..governance.ownership import OwnershipArgs
from ..network.google_network import GoogleNetwork
from ..resolve.resolved import ResolvedCluster
from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from .cluster_ground import ClusterGround


def google_ground(
    cluster: ResolvedCluster, owner: OwnershipArgs, provider: pulumi.ProviderResource, parent: pulumi.Resource
) -> ClusterGround:
    """The network is made, or somebody else's; none for an existing cluster."""
    project = cluster.account.project

    def of_pool(pool: ResolvedGpuPool | ResolvedCpuPool) -> Mapping[str, Any]:
        told = {"location": cluster.location, **({"project": project} if project is not None else {})}
        # Pools stay in the zones that the network was declared in.
        return {**told, "zones": list(pool.zones or cluster.zones)} if cluster.zones else told

    if cluster.declared.existing is not None:
        return ClusterGround(provider, pool=of_pool)
    network = GoogleNetwork(
        cluster.physical_name,
        _arguments(cluster, owner),
        pulumi.ResourceOptions(parent=parent, providers=[provider]),
    )
    told: dict[str, Any] = {
        "network_name": network.network_name,
        "subnetwork_name": network.subnetwork_name,
        "pods_range": network.pods_range,
        "services_range": network.services_range,
    }
    if cluster.zones:
        told["zones"] = list(cluster.zones)
    if network.network_project is not None:
        told["network_project"] = network.network_project
    return ClusterGround(provider, told, of_pool)


def _arguments(cluster: ResolvedCluster, owner: OwnershipArgs) -> Any:
    declared = cluster.declared.network
    common: dict[str, Any] = {"region": cluster.declared.region, "ownership": owner}
    if cluster.account.project is not None:
        common["project"] = cluster.account.project
    if isinstance(declared, ExistingGoogleNetwork):
        return {**common, "existing": declared.model_dump(exclude_none=True)}
    assert isinstance(declared, Network), "another cloud's network was refused"
    given = declared.model_dump(mode="json", exclude_none=True, exclude={"endpoints", "zones"})
    return {**common, **given, "flow_logs": declared.flow_logs.model_dump() if declared.flow_logs else None}
