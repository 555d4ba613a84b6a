"""Every pool of nodes that a recorded program declares, on any cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.aks_agent_pool import AGENT_POOL, MANAGED_CLUSTER, agent_pool_pools, managed_cluster_pools
from modelyard.placement.eks_node_group import NODE_GROUP, node_group_pools
from modelyard.placement.gke_compute_class import COMPUTE_CLASS, compute_class_pools
from modelyard.placement.gke_node_pool import CLUSTER as GKE_CLUSTER
from modelyard.placement.gke_node_pool import NODE_POOL as GKE_NODE_POOL
from modelyard.placement.gke_node_pool import cluster_pools, node_pool_pools
from modelyard.placement.karpenter_node_pool import NODE_POOL as KARPENTER_NODE_POOL
from modelyard.placement.karpenter_node_pool import karpenter_pools
from modelyard.placement.pool import Pool

_READERS: dict[str, Callable[[Resource, ResourceGraph], Iterable[Pool]]] = {
    NODE_GROUP: node_group_pools,
    KARPENTER_NODE_POOL: karpenter_pools,
    GKE_NODE_POOL: node_pool_pools,
    GKE_CLUSTER: cluster_pools,
    COMPUTE_CLASS: compute_class_pools,
    AGENT_POOL: agent_pool_pools,
    MANAGED_CLUSTER: managed_cluster_pools,
}


def pools(graph: ResourceGraph) -> list[Pool]:
    """Every pool of the graph, in registration order."""
    return [
        pool for resource in graph if resource.type in _READERS for pool in _READERS[resource.type](resource, graph)
    ]
