"""What somebody should know about a cluster of AKS before it is created or changed."""

from __future__ import annotations

from collections.abc import Iterator

from ..environment.network import Network
from .aks_cluster import pods_range_room
from .resolved import ResolvedCluster


def aks_notices(cluster: ResolvedCluster) -> Iterator[str]:
    """Sentences about what AKS does otherwise, and what somebody has to do beside the program."""
    declared, aks = cluster.declared, cluster.declared.aks
    name, pools = declared.name, [pool.declared for pool in (*cluster.gpu_pools, *cluster.cpu_pools)]
    unrepaired = [repr(pool.name) for pool in pools if not pool.repair]
    if unrepaired:
        yield f"AKS replaces nodes that it finds broken, whatever repair of pool {', '.join(unrepaired)} says"
    if any(nodes is not None and nodes.encryption_at_host for nodes in (aks.nodes, *(pool.aks for pool in pools))):
        yield (
            f"nodes of cluster {name!r} are encrypted on the host: the subscription needs the feature "
            "Microsoft.Compute/EncryptionAtHost, and the machines have to take it"
        )
    if declared.existing is not None:
        return
    room, most = pods_range_room(declared)
    if most > room:
        yield (
            f"the pools of cluster {name!r} may come to {most} nodes, and its pods' range has room for {room}, a /24 "
            "for each; the range is for the cluster's life: write a larger network.pods_cidr before it is made"
        )
    if aks.key_generation > 1:
        yield (
            f"secrets of cluster {name!r} are read with the key of generation {aks.key_generation} and the one before: "
            "write them all again (kubectl get secrets -A -o json | kubectl replace -f -) before it changes next"
        )
    if aks.api_server_subnet_id is not None:
        yield (
            f"the API of cluster {name!r} in a subnet of one's own is for life; a cluster that had it elsewhere has to "
            "be stopped and started at once"
        )
    if aks.api_server_subnet_id is not None and isinstance(declared.network, Network):
        yield (
            f"aks.api_server_subnet_id of cluster {name!r} has to be a subnet of the nodes' network, which is still "
            "to be made; name one that is there: network: {subnet_id: ...}"
        )
    if aks.managed_prometheus:
        yield (
            f"metrics of cluster {name!r} are collected twice, by its own Prometheus and by Azure Monitor, and Azure "
            "Monitor's are paid by the sample"
        )
    if aks.retire_first_nodes:
        yield (
            f"cluster {name!r} gives up its first nodes: do so in a later 'pulumi up' than the one that brought its "
            "pool with system: true"
        )
