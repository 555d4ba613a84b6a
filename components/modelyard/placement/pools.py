"""Every pool of nodes that a recorded program declares, on any cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.eks_node_group import NODE_GROUP, node_group_pools
from modelyard.placement.pool import Pool

_READERS: dict[str, Callable[[Resource, ResourceGraph], Iterable[Pool]]] = {
    NODE_GROUP: node_group_pools,
}


def pools(graph: ResourceGraph) -> list[Pool]:
    """Every pool of the graph, in registration order."""
    return [
        pool for resource in graph if resource.type in _READERS for pool in _READERS[resource.type](resource, graph)
    ]
