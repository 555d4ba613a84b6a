"""What a cluster of EKS stands on: the provider of its region, and a VPC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ..environment.account import Account
from ..environment.network import ExistingNetwork, Network
from ..governance.ownership import OwnershipArgs
from ..network import network as vpc
from ..resolve.resolved import ResolvedCluster
from ..resolve.resolved_pool import ResolvedCpuPool, ResolvedGpuPool
from .cluster_ground import ClusterGround


def aws_ground(
    cluster: ResolvedCluster,
    owner: OwnershipArgs,
    provider: pulumi.ProviderResource,
    parent: pulumi.Resource,
    account: Account,
) -> ClusterGround:
    """The VPC is made, or somebody else's; none for an existing cluster whose subnets nobody has named.

    Pools get the zones that ``account`` says have their machines, and where it does not say, those that AWS says.
    """
    network = _network(cluster, owner, pulumi.ResourceOptions(parent=parent, providers=[provider]))
    if network is None:
        return ClusterGround(provider)

    def of_pool(pool: ResolvedGpuPool | ResolvedCpuPool) -> Mapping[str, Any]:
        zones, types = pool.declared.zones, pool.instance_types
        offered = account.zones_of("aws", cluster.declared.region, types)
        return {
            "subnet_ids": network.private_subnets(zones, instance_types=types, offered=offered),
            "vpc_id": network.vpc_id,
        }

    told: dict[str, Any] = {"vpc_id": network.vpc_id, "private_subnet_ids": network.private_subnet_ids}
    declared = cluster.declared.network
    if isinstance(declared, Network) and declared.services_cidr is not None:
        told["services_cidr"] = str(declared.services_cidr)
    return ClusterGround(provider, told, of_pool)


def _network(cluster: ResolvedCluster, owner: OwnershipArgs, within: pulumi.ResourceOptions) -> vpc.Network | None:
    declared, region = cluster.declared.network, cluster.declared.region
    if isinstance(declared, ExistingNetwork):
        existing: Any = declared.model_dump()
        return vpc.Network(cluster.physical_name, {"region": region, "existing": existing, "ownership": owner}, within)
    if cluster.declared.existing is not None:
        return None
    assert isinstance(declared, Network), "another cloud's network was refused"
    arguments: Any = {
        **declared.model_dump(mode="json", exclude_none=True, exclude={"pods_cidr", "services_cidr"}),
        "flow_logs": declared.flow_logs.model_dump() if declared.flow_logs else None,
        "zones": list(cluster.zones),
        "region": region,
        "cluster_name": cluster.physical_name,
        "ownership": owner,
    }
    return vpc.Network(cluster.physical_name, arguments, within)
