"""The region of a Kubernetes object: that of its cluster."""

from __future__ import annotations

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import at, texts
from modelyard.placement.region import region_of
from modelyard.placement.workload import PRICE_BASIS

_CLUSTER_TYPES = ("aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup")


def region_of_object(resource: Resource, graph: ResourceGraph) -> str | None:
    """Found through the clusters that the object's provider came from, then by other objects of that provider whose
    pods say their price basis, then where every cluster of the graph is in one region; else None.
    """
    provider = graph.get(resource.provider)
    named = set(provider.dependencies) if provider else set()
    for urns in provider.property_dependencies.values() if provider else ():
        named.update(urns)
    clusters = [found for urn in sorted(named) if (found := graph.get(urn)) and found.type in _CLUSTER_TYPES]
    if not clusters:
        clusters = graph.of_type(*_CLUSTER_TYPES)
    regions = {region for each in clusters if (region := region_of(each, graph))}
    if len(regions) == 1:
        return regions.pop()
    return _basis_region(resource, graph)


def _basis_region(resource: Resource, graph: ResourceGraph) -> str | None:
    for other in graph.of_type("kubernetes:apps/v1:Deployment"):
        if other.provider == resource.provider:
            basis = texts(at(other.inputs, "spec", "template", "metadata", "annotations")).get(PRICE_BASIS, "")
            parts = basis.split("/")
            if len(parts) == 4:
                return parts[1]
    return None
