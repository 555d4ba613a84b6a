"""What a plan changes of an earlier one: what is new, what goes, what is updated, and what has to be made anew.

Which changes replace a resource is the clouds' to say: each type is asked of the simulated provider that the engine's
tests hold to the reviewed table (``catalog/data/replacements.csv``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..graph import Resource, ResourceGraph
from .earlier_plan import EarlierPlan, EarlierResource
from .plan import StackPlan
from .pool_lines import PoolLine
from .shown_inputs import shown_inputs

if TYPE_CHECKING:
    from ..offline.simulated.provider import SimulatedProvider

Kind = Literal["replaced", "gone", "new", "changed"]
KINDS: tuple[Kind, ...] = ("replaced", "gone", "new", "changed")
"""Most to think about first."""

_UNKNOWN = "[unknown]"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_DYNAMIC_PROVIDER = "__provider"
"""Code of a dynamic resource: no property of what it makes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that is not as it was."""

    kind: Kind
    urn: str
    type: str
    name: str
    stack: str
    properties: tuple[str, ...] = ()
    """Top-level inputs: of a replaced resource those that force it, of a changed one those that differ."""
    deleted_first: bool = False
    """Of a replaced resource: whether the old one goes before the new one comes, since both would have one name."""
    because_of: str | None = None
    """Of a replaced resource: the URN of another that is replaced and whose new name or id this one takes."""
    refused: tuple[str, ...] = ()
    """Of a changed resource: inputs that its cloud will refuse to change, as ``agentPoolProfiles.vmSize``."""


@dataclass(frozen=True, slots=True)
class Changes:
    """All of them, by kind and in the order of the plan."""

    since: str
    """File of the earlier plan."""
    since_version: str
    """Of Modelyard."""
    all: tuple[Change, ...]

    def of_kind(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(each for each in self.all if each.kind == kind)


def changes_since(
    earlier: EarlierPlan, stacks: Sequence[StackPlan], root: str, pools: Iterable[PoolLine] = ()
) -> Changes:
    """Compare resource by resource; components and providers are left out.

    Args:
        earlier: what was planned, or deployed, before.
        stacks: what is planned now.
        root: folder of the project, which files are shown below.
        pools: as they are declared now.
    """
    zones = {(line.cluster, line.name): line.zones for line in pools}
    moved = {key for key, named in earlier.zones.items() if zones.get(key, named) != named}
    whole = ResourceGraph(resource for stack in stacks for resource in stack.graph)
    found = list(_Comparing(earlier, whole, root, moved).changes())
    found += [
        Change("gone", each.urn, each.type, each.name, each.stack)
        for each in earlier.resources.values()
        if _counts(each) and whole.get(each.urn) is None
    ]
    return Changes(earlier.file, earlier.version, tuple(sorted(found, key=lambda each: KINDS.index(each.kind))))


class _Comparing:
    """One run of :func:`changes_since`."""

    def __init__(self, earlier: EarlierPlan, whole: ResourceGraph, root: str, moved: Set[tuple[str, str]]) -> None:
        """``moved``: pools, by cluster and name, whose zones are others."""
        self._earlier, self._whole, self._root, self._moved = earlier, whole, root, moved
        self._providers: dict[tuple[str, str | None], SimulatedProvider | None] = {}

    def changes(self) -> Iterator[Change]:
        """In the order of the plan."""
        found: dict[str, Change] = {}
        there: list[tuple[Resource, dict[str, Any]]] = []
        for resource in self._whole:
            if not _counts(resource):
                continue
            old = self._earlier.resources.get(resource.urn)
            if old is None:
                found[resource.urn] = self._change("new", resource)
                continue
            inputs = _without_code(shown_inputs(resource, self._root))
            there.append((resource, inputs))
            change = self._moved_group(resource, inputs) or self._compared(resource, inputs, old)
            if change is not None:
                found[resource.urn] = change
        self._follow(there, found)
        return (found[resource.urn] for resource in self._whole if resource.urn in found)

    def _follow(self, there: Sequence[tuple[Resource, dict[str, Any]]], found: dict[str, Change]) -> None:
        """Add what a replaced resource takes with it, and what that takes with it."""
        grew = True
        while grew:
            replaced = {urn for urn, change in found.items() if change.kind == "replaced"}
            taken = {
                resource.urn: change
                for resource, inputs in there
                if resource.urn not in replaced and (change := self._taken(resource, inputs, replaced)) is not None
            }
            found |= taken
            grew = bool(taken)

    def _moved_group(self, resource: Resource, inputs: Mapping[str, Any]) -> Change | None:
        """A node group of EKS in other subnets, which are unknown in both plans."""
        if resource.type != _NODE_GROUP or not _has_unknown(inputs.get("subnetIds")):
            return None
        labels = inputs.get("labels") or {}
        pool = labels.get("modelyard.dev/cluster"), labels.get("modelyard.dev/pool")
        return self._change("replaced", resource, ("subnetIds",)) if pool in self._moved else None

    def _compared(self, resource: Resource, inputs: dict[str, Any], old: EarlierResource) -> Change | None:
        before = _left_alone(_without_code(old.inputs), inputs, resource.ignore_changes)
        if before == inputs:
            return None
        changed, replacing, first = self._difference(resource, inputs, before)
        if replacing:
            return self._change("replaced", resource, replacing, deleted_first=first)
        from ..offline.simulated.replacement import refused

        return self._change("changed", resource, changed, refused=refused(resource.type, inputs, before))

    def _taken(self, resource: Resource, inputs: dict[str, Any], replaced: Set[str]) -> Change | None:
        """Where an input that cannot change in place is what only a replaced resource knows."""
        for name, urns in resource.property_dependencies.items():
            cause = next((urn for urn in urns if urn in replaced), None)
            if cause is None or name not in inputs or not _has_unknown(inputs[name]):
                continue
            before = _left_alone({**inputs, name: _other(inputs[name])}, inputs, resource.ignore_changes)
            _, replacing, first = self._difference(resource, inputs, before)
            if name in replacing:
                return self._change("replaced", resource, (name,), deleted_first=first, because_of=cause)
        return None

    def _difference(
        self, resource: Resource, inputs: Mapping[str, Any], before: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
        """Inputs that differ, those that force a replacement, and whether the old one goes first."""
        provider = self._provider(resource)
        names = sorted(inputs.keys() | before.keys())
        changed = tuple(name for name in names if inputs.get(name) != before.get(name))
        if provider is None:
            return changed, (), False
        code = {key: value for key, value in resource.inputs.items() if key == _DYNAMIC_PROVIDER}
        found = provider.diff(resource.type, resource.urn, {**inputs, **code}, {**before, **code})
        return changed, tuple(sorted(found.replace)), found.delete_first

    def _provider(self, resource: Resource) -> SimulatedProvider | None:
        from ..offline.simulated import all_providers

        package = resource.type.partition(":")[0]
        key = package, resource.provider
        if key not in self._providers:
            known = all_providers().get(package)
            configured = self._whole.get(resource.provider)
            config = configured.inputs if configured is not None else {}
            self._providers[key] = None if known is None else known(config)
        return self._providers[key]

    def _change(self, kind: Kind, resource: Resource, properties: tuple[str, ...] = (), **more: Any) -> Change:
        return Change(kind, resource.urn, resource.type, resource.name, resource.stack, properties, **more)


def _counts(resource: Resource | EarlierResource) -> bool:
    return resource.custom and not resource.type.startswith("pulumi:")


def _without_code(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != _DYNAMIC_PROVIDER}


def _left_alone(before: Mapping[str, Any], inputs: Mapping[str, Any], ignored: Sequence[str]) -> dict[str, Any]:
    """The earlier inputs with what the program leaves to others as it is now."""
    found = dict(before)
    for path in ignored:
        found = _with_other(found, inputs, re.findall(r"[^.\[\]]+", path))
    return found


def _with_other(value: Any, other: Any, path: list[str]) -> Any:
    if not path:
        return other
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(other, list) and step.isdigit():
        at = int(step)
        both = at < min(len(value), len(other))
        return [*value[:at], _with_other(value[at], other[at], rest), *value[at + 1 :]] if both else value
    if not isinstance(value, Mapping) or not isinstance(other, Mapping):
        return value
    if step in other:
        return {**value, step: _with_other(value.get(step), other[step], rest)}
    return {key: inner for key, inner in value.items() if key != step} if not rest else value


def _has_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_unknown(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_has_unknown(each) for each in value)
    return value == _UNKNOWN


def _other(value: Any) -> Any:
    """The same with something else wherever it is unknown."""
    if isinstance(value, Mapping):
        return {key: _other(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_other(each) for each in value]
    return "[before]" if value == _UNKNOWN else value
