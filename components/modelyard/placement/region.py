"""The cloud and the region of a resource."""

from __future__ import annotations

import re

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import text

_CLOUDS = {"azure-native": "azure", "gcp": "gcp", "pulumi-python": "gcp"}
"""By package; resources of modelyard's own provider are Vertex AI's."""
_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")


def cloud_of(resource: Resource) -> str:
    """``aws``, ``gcp`` or ``azure``; what belongs to none, as Kubernetes objects, is priced where AWS is."""
    return _CLOUDS.get(resource.type.partition(":")[0], "aws")


def region_of(resource: Resource, graph: ResourceGraph) -> str | None:
    """Its own ``region`` (``location``) input, else its provider's, else its zone's; None where none says."""
    provider = graph.get(resource.provider)
    zone = _ZONE.fullmatch(text(resource.inputs.get("availabilityZone")) or "")
    return (
        text(resource.inputs.get("region"))
        or (text(resource.inputs.get("location")) if cloud_of(resource) != "aws" else None)
        or (text(provider.inputs.get("region")) if provider else None)
        or (zone[1] if zone else None)
    )


def clusters_behind(resource: Resource, graph: ResourceGraph, *types: str) -> list[Resource]:
    """Clusters of these types that the provider of a Kubernetes object came from; empty where the graph has none."""
    provider = graph.get(resource.provider)
    named = set(provider.dependencies) if provider else set()
    for urns in provider.property_dependencies.values() if provider else ():
        named.update(urns)
    return [found for urn in sorted(named) if (found := graph.get(urn)) and found.type in types]
