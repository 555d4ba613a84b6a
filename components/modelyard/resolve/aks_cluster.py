"""What a cluster may not ask of AKS.

Follows "Azure CNI Overlay" (ranges, and a /24 of the pods' range for each node), "Use system node pools", "API server
authorized IP ranges", "Create a private AKS cluster", "Network isolated clusters" and "Quotas and limits" of the AKS
documentation.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from ..catalog import UnknownInstanceType, instance
from ..environment.cluster import Cluster
from ..environment.network import ExistingAzureNetwork, Network
from .aks_pool import for_system, refused_disk
from .finding import Finding

_RESERVED = tuple(map(IPv4Network, ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")))
_MOST_RANGES = 200
_OF_ANY_CLUSTER = {"subscription_id", "tenant_id", "resource_group", "nodes"}


def refused_of_aks(cluster: Cluster) -> Iterator[Finding]:
    """Of its network, its way in, its system nodes, and pools that nobody scales; nothing on other clouds."""
    if cluster.cloud != "azure":
        return
    yield from _numbers_of_nodes(cluster)
    if cluster.existing is not None:
        for key in sorted(cluster.aks.model_fields_set - _OF_ANY_CLUSTER):
            message = "is of clusters that Modelyard makes, and this one exists already; delete it"
            yield Finding(("aks", key), message)
        if "network" in cluster.model_fields_set and isinstance(cluster.network, Network):
            message = (
                "is of clusters that are made, and this one has its own; delete it, or name a subnet for its pools"
            )
            yield Finding(("network",), f"{message}: {{subnet_id: <resource id>}}")
        return
    yield from _system_nodes(cluster)
    yield from _way_in(cluster)
    if isinstance(cluster.network, Network):
        yield from _network(cluster.network)


def pods_range_room(cluster: Cluster) -> tuple[int, int]:
    """How many nodes the pods' range of a cluster that is made has room for, and how many its pools may come to."""
    declared = cluster.network.pods_cidr if isinstance(cluster.network, Network) else None
    prefix = 16 if declared is None else declared.prefixlen
    most = cluster.system_nodes.max_nodes + sum(pool.max_nodes for pool in (*cluster.gpu_pools, *cluster.cpu_pools))
    return 2 ** (24 - prefix), most


def _numbers_of_nodes(cluster: Cluster) -> Iterator[Finding]:
    for key in ("gpu_pools", "cpu_pools"):
        for position, pool in enumerate(getattr(cluster, key)):
            steps = (key, position, "max_nodes")
            if cluster.node_autoscaler == "none" and pool.min_nodes < pool.max_nodes:
                message = (
                    f"is {pool.max_nodes} and min_nodes {pool.min_nodes}, and with node_autoscaler: none a pool of AKS "
                    "keeps one number of nodes; write the same for both, or node_autoscaler: cluster_autoscaler"
                )
                yield Finding(steps, f"{message} (pool {pool.name!r})")


def _system_nodes(cluster: Cluster) -> Iterator[Finding]:
    name = cluster.system_instance_types[0]
    try:
        machine = instance("azure", cluster.region, name)
    except UnknownInstanceType:
        return
    if machine.accelerator is None and not for_system(machine):
        message = (
            f"{name} has {machine.vcpu} vCPUs; AKS takes machines with 4 at least for its system, and none of the B "
            "series: write another"
        )
        yield Finding(("system_nodes", "instance_types", 0), message)
    for below, message in refused_disk(cluster.system_nodes.disk_gib):
        yield Finding(("system_nodes", *below), message)


def _way_in(cluster: Cluster) -> Iterator[Finding]:
    ranges, zone = cluster.api_access.public_cidrs, cluster.aks.private_dns_zone_id
    yield from _api_subnet(cluster)
    if len(ranges) > _MOST_RANGES:
        message = f"are {len(ranges)}, and AKS takes {_MOST_RANGES} address ranges; join some"
        yield Finding(("api_access", "public_cidrs"), message)
    if zone is None:
        return
    if ranges:
        message = "is of an API without a public endpoint, and api_access.public_cidrs asks for one; delete one of both"
        yield Finding(("aks", "private_dns_zone_id"), message)
    own = f"privatelink.{cluster.region}.azmk8s.io"
    name = zone.rpartition("/")[2]
    if name != own and not name.endswith(f".{own}"):
        message = f"names the zone {name!r}, and AKS takes {own} or one whose name ends in .{own}; name that one"
        yield Finding(("aks", "private_dns_zone_id"), message)


def _api_subnet(cluster: Cluster) -> Iterator[Finding]:
    own, network = cluster.aks.api_server_subnet_id, cluster.network
    # A component is told of the nodes' subnet apart; of a network that is made, a notice says what to do.
    if own is None or not isinstance(network, ExistingAzureNetwork):
        return
    theirs, ours = (each.rpartition("/subnets/") for each in (network.subnet_id, own))
    if theirs[0].lower() != ours[0].lower():
        message = f"is in {ours[0].rpartition('/')[2]!r}, and the nodes are in {theirs[0].rpartition('/')[2]!r}"
        yield Finding(("aks", "api_server_subnet_id"), f"{message}; name a subnet of the nodes' network")
    elif theirs[2].lower() == ours[2].lower():
        yield Finding(("aks", "api_server_subnet_id"), "is the nodes' subnet, and has to be another; name one")


def _network(network: Network) -> Iterator[Finding]:
    if network.nat == "none":
        message = (
            "none leaves nodes of AKS without a way to Microsoft's registry, whose images they start with; write "
            "single, or name a subnet with a way out of its own: network: {subnet_id: ...}"
        )
        yield Finding(("network", "nat"), message)
    if network.flow_logs is not None and network.flow_logs.traffic != "ALL":
        message = (
            f"is {network.flow_logs.traffic}, and flow logs of Azure hold what passes and what is refused; write ALL"
        )
        yield Finding(("network", "flow_logs", "traffic"), message)
    for key in ("cidr", "pods_cidr", "services_cidr"):
        found = getattr(network, key)
        met = next((each for each in _RESERVED if found is not None and found.overlaps(each)), None)
        if met is not None:
            yield Finding(
                ("network", key), f"{str(found)!r} overlaps {met}, which AKS keeps for itself; choose another"
            )
