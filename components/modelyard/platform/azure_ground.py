"""What a cluster of AKS stands on: a provider, a resource group and a virtual network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment.network import ExistingAzureNetwork, Network
from ..governance.ownership import OwnershipArgs
from ..network.azure_network import AzureNetwork
from ..resolve.resolved import ResolvedCluster
from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from .cluster_ground import ClusterGround


def azure_ground(
    cluster: ResolvedCluster,
    owner: OwnershipArgs,
    provider: pulumi.ProviderResource,
    resource_group: pulumi.Input[str] | None,
    parent: pulumi.Resource,
) -> ClusterGround:
    """The network is made, or somebody else's; none for an existing cluster."""

    def of_pool(pool: ResolvedGpuPool | ResolvedCpuPool) -> Mapping[str, Any]:
        own = cluster.declared.network
        if cluster.declared.existing is not None and isinstance(own, ExistingAzureNetwork):
            return {"resource_group": resource_group, "subnet_id": own.subnet_id}
        return {"resource_group": resource_group}

    if cluster.declared.existing is not None:
        return ClusterGround(provider, pool=of_pool)
    network = AzureNetwork(
        cluster.physical_name,
        _arguments(cluster, owner, resource_group),
        pulumi.ResourceOptions(parent=parent, providers=[provider]),
    )
    told: dict[str, Any] = {
        "subnet_id": network.subnet_id,
        "egress": network.egress,
        "egress_addresses": list(network.egress_addresses),
        "zones": list(cluster.zones),
    }
    if isinstance(cluster.declared.network, Network):
        ranges = cluster.declared.network.model_dump(mode="json", include={"pods_cidr", "services_cidr"})
        told |= {key: value for key, value in ranges.items() if value is not None}
    return ClusterGround(provider, told, of_pool)


def _arguments(cluster: ResolvedCluster, owner: OwnershipArgs, resource_group: pulumi.Input[str] | None) -> Any:
    declared, region = cluster.declared.network, cluster.declared.region
    if isinstance(declared, ExistingAzureNetwork):
        return {"region": region, "existing": declared.model_dump(), "ownership": owner}
    assert isinstance(declared, Network), "another cloud's network was refused"
    given = declared.model_dump(mode="json", exclude_none=True, exclude={"endpoints", "zones"})
    flow_logs = declared.flow_logs.model_dump() if declared.flow_logs else None
    return {**given, "flow_logs": flow_logs, "region": region, "resource_group": resource_group, "ownership": owner}
