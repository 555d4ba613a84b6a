"""The cloud and the region of a Kubernetes object: those of its cluster."""

from __future__ import annotations

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.aks_agent_pool import AGENT_POOL, MANAGED_CLUSTER
from modelyard.placement.gke_node_pool import CLUSTER as GKE_CLUSTER
from modelyard.placement.gke_node_pool import NODE_POOL as GKE_NODE_POOL
from modelyard.placement.gke_node_pool import gke_region
from modelyard.placement.reading import at, texts
from modelyard.placement.region import cloud_of, clusters_behind, region_of
from modelyard.placement.workload import PRICE_BASIS

_CLUSTER_TYPES = (
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    GKE_CLUSTER,
    GKE_NODE_POOL,
    MANAGED_CLUSTER,
    AGENT_POOL,
)


def place_of_object(resource: Resource, graph: ResourceGraph) -> tuple[str, str | None]:
    """Cloud and region, found through the clusters that the object's provider came from, then by other objects of that
    provider whose pods say their price basis, then where every cluster of the graph is in one region; else no region.
    """
    own = clusters_behind(resource, graph, *_CLUSTER_TYPES)
    places = _places(own or graph.of_type(*_CLUSTER_TYPES), graph)
    if len(places) == 1:
        return places.pop()
    found = _basis_place(resource, graph)
    clouds = {cloud for cloud, _ in places} if own else set()
    return found or (clouds.pop() if len(clouds) == 1 else "aws", None)


def _places(clusters: list[Resource], graph: ResourceGraph) -> set[tuple[str, str | None]]:
    found: set[tuple[str, str | None]] = set()
    for each in clusters:
        region = region_of(each, graph)
        if region:
            cloud = cloud_of(each)
            plain = gke_region(region) if cloud == "gcp" else region.replace(" ", "").lower()
            found.add((cloud, plain))
    return found


def _basis_place(resource: Resource, graph: ResourceGraph) -> tuple[str, str | None] | None:
    for other in graph.of_type("kubernetes:apps/v1:Deployment"):
        if other.provider == resource.provider:
            basis = texts(at(other.inputs, "spec", "template", "metadata", "annotations")).get(PRICE_BASIS, "")
            parts = basis.split("/")
            if len(parts) == 4:
                return parts[0], parts[1]
    return None
