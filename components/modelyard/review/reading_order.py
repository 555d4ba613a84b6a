"""An order of resources that is the same in every run."""

from __future__ import annotations

from ..graph import Resource, ResourceGraph
from .resource_tree import is_stack


def in_reading_order(graph: ResourceGraph) -> ResourceGraph:
    """The graph with every resource after its parent, siblings by type and name.

    A program registers resources as soon as their inputs are there, so the order of registration changes from run to
    run; documents that people compare must not.
    """
    children: dict[str | None, list[Resource]] = {}
    for resource in graph:
        parent = resource.parent if resource.parent and graph.get(resource.parent) is not None else None
        children.setdefault(parent, []).append(resource)
    for siblings in children.values():
        siblings.sort(key=lambda resource: (not is_stack(resource), resource.type, resource.name, resource.urn))
    ordered: list[Resource] = []
    pending = list(reversed(children.get(None, [])))
    while pending:
        resource = pending.pop()
        ordered.append(resource)
        pending.extend(reversed(children.get(resource.urn, [])))
    return ResourceGraph(ordered)
