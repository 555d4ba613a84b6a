"""Resources as the tree that their parents make, with what a collapsed branch has to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..graph import Resource, ResourceGraph
from .plan import is_deployed


@dataclass(slots=True)
class Branch:
    """A resource and what it is the parent of, in the order of registration."""

    resource: Resource
    children: list[Branch] = field(default_factory=list)
    deployed: int = 0
    """Deployed resources in this branch, itself included."""

    @property
    def components(self) -> list[Branch]:
        return [child for child in self.children if not child.resource.custom]

    @property
    def leaves(self) -> list[Branch]:
        return [child for child in self.children if child.resource.custom]

    def leaf_kinds(self) -> list[tuple[str, int]]:
        """Kinds of the resources directly below, with their number, the most frequent first; providers left out."""
        kinds = Counter(kind(leaf.resource.type) for leaf in self.leaves if is_deployed(leaf.resource))
        return sorted(kinds.items(), key=lambda item: (-item[1], item[0]))

    def walk(self) -> Iterator[Branch]:
        pending: list[Branch] = [self]
        while pending:
            branch = pending.pop()
            yield branch
            pending.extend(reversed(branch.children))


def branches(graph: ResourceGraph) -> list[Branch]:
    """The children of the stack. A resource whose parent is not in the graph stands at the top."""
    by_urn = {resource.urn: Branch(resource) for resource in graph}
    top: list[Branch] = []
    for resource in graph:
        branch = by_urn[resource.urn]
        if is_stack(resource):
            continue
        parent = by_urn.get(resource.parent) if resource.parent else None
        if parent is None or is_stack(parent.resource):
            top.append(branch)
        else:
            parent.children.append(branch)
    for branch in top:
        for part in reversed(list(branch.walk())):
            part.deployed = is_deployed(part.resource) + sum(child.deployed for child in part.children)
    return top


def is_stack(resource: Resource) -> bool:
    return resource.type == "pulumi:pulumi:Stack"


def kind(type_token: str) -> str:
    """A type as people say it: ``ec2.Subnet``, ``Deployment``, ``GpuNodePool``."""
    package, _, rest = type_token.partition(":")
    if type_token.startswith("pulumi:providers:"):
        return f"provider {type_token.rpartition(':')[2]}"
    module, _, name = rest.rpartition(":")
    if package == "aws" and module:
        return f"{module.partition('/')[0]}.{name}"
    return name or type_token
