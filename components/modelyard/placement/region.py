"""The AWS region of a resource."""

from __future__ import annotations

import re

from modelyard.graph import Resource, ResourceGraph
from modelyard.placement.reading import text

_ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")


def region_of(resource: Resource, graph: ResourceGraph) -> str | None:
    """The resource's own ``region`` input, else its provider's, else that of its zone; None where none says."""
    provider = graph.get(resource.provider)
    zone = _ZONE.fullmatch(text(resource.inputs.get("availabilityZone")) or "")
    return (
        text(resource.inputs.get("region"))
        or (text(provider.inputs.get("region")) if provider else None)
        or (zone[1] if zone else None)
    )
