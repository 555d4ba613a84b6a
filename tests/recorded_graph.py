"""What tests ask of a program's recorded graph, and of a program that is refused."""

from __future__ import annotations

from collections.abc import Callable

from modelyard.graph import Resource, ResourceGraph
from modelyard.offline import ProgramFailed


def refused(run: Callable[[], object]) -> str:
    """The message with which a component refuses its arguments."""
    try:
        run()
    except ProgramFailed as failed:
        return str(failed.__cause__)
    raise AssertionError("the program was accepted")


def one(graph: ResourceGraph, type_: str, name: str | None = None) -> Resource:
    """The only resource of its type, or of its type and name."""
    found = [resource for resource in graph.of_type(type_) if name is None or resource.name == name]
    assert len(found) == 1, f"{len(found)} resources {type_} {name}: {[resource.name for resource in found]}"
    return found[0]


def waits_for(graph: ResourceGraph, resource: Resource, other: Resource) -> bool:
    """Whether ``resource`` is made after ``other``: by a dependency, or by one of a dependency."""
    reached: set[str] = set()
    todo = list(resource.dependencies)
    while todo:
        urn = todo.pop()
        if urn == other.urn:
            return True
        found = graph.get(urn)
        if found is not None and urn not in reached:
            reached.add(urn)
            todo.extend(found.dependencies)
    return False
