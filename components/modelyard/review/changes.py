"""What a plan changes of an earlier one: what is new, what goes, what is updated, and what has to be made anew.

Which changes replace a resource is the clouds' to say: each type is asked of the simulated provider that the engine's
tests hold to the reviewed table (``catalog/data/replacements.csv``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ..graph import Resource, ResourceGraph
from ..resolve.names import SYSTEM_POOL
from .cluster_lines import ClusterLine
from .data_loss import with_loss
from .earlier_plan import EarlierPlan, EarlierResource
from .plan import StackPlan
from .pool_lines import PoolLine
from .recreations import Recreation, recreations_of
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
    paths: tuple[str, ...] = ()
    """Of a replaced resource the same to the end of each path, as ``nodeConfig.guestAccelerators``."""
    deleted_first: bool = False
    """Of a replaced resource: whether the old one goes before the new one comes, since both would have one name."""
    because_of: str | None = None
    """Of a replaced resource: the URN of another that is replaced and whose new name or id this one takes."""
    refused: tuple[str, ...] = ()
    """Of a changed resource: inputs that its cloud will refuse to change, as ``agentPoolProfiles.vmSize``."""
    loses: str | None = None
    """Of a resource that goes, for good or to be made anew: what people keep in it, as "the objects in it". What the
    cloud does about that follows in ``guard``."""
    guard: str | None = None
    """What stands between that and its loss, in words: the cloud refuses, or waits; None: nothing."""


@dataclass(frozen=True, slots=True)
class Changes:
    """All of them, by kind and in the order of the plan."""

    since: str
    """File of the earlier plan."""
    since_version: str
    """Of Modelyard."""
    all: tuple[Change, ...]
    recreations: tuple[Recreation, ...] = ()
    """Of these what becomes of declared clusters and pools, and by which keys."""

    @property
    def lost(self) -> tuple[Change, ...]:
        """Those that take with them what people keep in them."""
        return tuple(each for each in self.all if each.loses is not None)

    def of_kind(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(each for each in self.all if each.kind == kind)


def changes_since(
    earlier: EarlierPlan,
    stacks: Sequence[StackPlan],
    root: str,
    pools: Sequence[PoolLine] = (),
    clusters: Sequence[ClusterLine] = (),
) -> Changes:
    """Compare resource by resource; components and providers are left out.

    Args:
        earlier: what was planned, or deployed, before.
        stacks: what is planned now.
        root: folder of the project, which files are shown below.
        pools: as they are declared now.
        clusters: the same.
    """
    moved = _moved(earlier, pools, clusters)
    whole = ResourceGraph(resource for stack in stacks for resource in stack.graph)
    found = list(_Comparing(earlier, whole, root, moved).changes())
    found += [
        Change("gone", each.urn, each.type, each.name, each.stack)
        for each in earlier.resources.values()
        if _counts(each) and whole.get(each.urn) is None
    ]
    told = [with_loss(change, earlier.resources.get(change.urn)) for change in found]
    in_order = tuple(sorted(told, key=lambda each: (each.loses is None, KINDS.index(each.kind))))
    parents = {
        **{each.urn: each.parent for each in earlier.resources.values()},
        **{each.urn: each.parent for each in whole},
    }
    recreations = recreations_of(in_order, parents, earlier, clusters, pools)
    return Changes(earlier.file, earlier.version, in_order, tuple(recreations))


@dataclass(frozen=True, slots=True)
class _Difference:
    """Of one resource."""

    changed: tuple[str, ...]
    replacing: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    deleted_first: bool = False


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
        """Add what a replaced resource takes with it, and what that takes with it; and let go first what cannot stay
        while the one that it is in goes."""
        grew = True
        while grew:
            replaced = {urn: change for urn, change in found.items() if change.kind == "replaced"}
            taken: dict[str, Change] = {}
            for resource, inputs in there:
                own = replaced.get(resource.urn)
                if own is not None and own.deleted_first:
                    continue
                change = self._taken(resource, inputs, replaced)
                if change is None or (own is not None and not change.deleted_first):
                    continue
                taken[resource.urn] = change if own is None else replace(own, deleted_first=True)
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
        found = self._difference(resource, inputs, before)
        if found.replacing:
            return self._change(
                "replaced", resource, found.replacing, paths=found.paths, deleted_first=found.deleted_first
            )
        from ..offline.simulated.replacement import refused

        return self._change("changed", resource, found.changed, refused=refused(resource.type, inputs, before))

    def _taken(self, resource: Resource, inputs: dict[str, Any], replaced: Mapping[str, Change]) -> Change | None:
        """Where an input that cannot change in place takes what only a replaced resource knows, its new name, or
        anything of one that goes before it comes again: the engine then counts all of that as unknown."""
        found: Change | None = None
        for name, urns in resource.property_dependencies.items():
            causes = sorted((replaced[urn] for urn in urns if urn in replaced), key=lambda each: not each.deleted_first)
            if not causes or name not in inputs:
                continue
            cause = causes[0]
            value = _other(inputs[name], self._made_up(urns, replaced), everything=cause.deleted_first)
            before = _left_alone({**inputs, name: value}, inputs, resource.ignore_changes)
            differs = self._difference(resource, inputs, before)
            if name not in differs.replacing:
                continue
            first = cause.deleted_first or differs.deleted_first
            more = {"paths": differs.paths, "deleted_first": first, "because_of": cause.urn}
            change = self._change("replaced", resource, (name,), **more)
            if first:
                return change
            found = found or change
        return found

    def _made_up(self, urns: Iterable[str], replaced: Mapping[str, Change]) -> Set[str]:
        """Names with digits of the provider's that the replaced ones among these have now; the new ones get others."""
        resources = [self._whole.get(urn) for urn in urns if urn in replaced]
        return {
            value
            for each in resources
            if each is not None
            for value in each.inputs.values()
            if isinstance(value, str) and re.fullmatch(f"{re.escape(each.name)}-?[0-9a-f]{{7,8}}", value, re.IGNORECASE)
        }

    def _difference(self, resource: Resource, inputs: Mapping[str, Any], before: Mapping[str, Any]) -> _Difference:
        provider = self._provider(resource)
        names = sorted(inputs.keys() | before.keys())
        changed = tuple(name for name in names if inputs.get(name) != before.get(name))
        if provider is None:
            return _Difference(changed)
        from ..offline.simulated.replacement import replaced_paths

        code = {key: value for key, value in resource.inputs.items() if key == _DYNAMIC_PROVIDER}
        found = provider.diff(resource.type, resource.urn, {**inputs, **code}, {**before, **code})
        replacing = tuple(sorted(found.replace))
        known = [(path.partition(".")[0], path) for path in replaced_paths(resource.type, inputs, before)]
        paths = [path for top, path in known if top in replacing]
        paths += [name for name in replacing if name not in dict(known)]
        return _Difference(changed, replacing, tuple(sorted(paths)), found.delete_first)

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


def _moved(earlier: EarlierPlan, pools: Iterable[PoolLine], clusters: Iterable[ClusterLine]) -> Set[tuple[str, str]]:
    """Pools, by cluster and name, that are in other zones or in another network than they were."""
    zones = {line.name: line.zones for line in clusters}
    networks = {line.name: _network(line.declared) for line in clusters}
    found = {
        (name, SYSTEM_POOL)
        for name, before in earlier.clusters.items()
        if name in zones and (before.zones, _network(before.declared)) != (zones[name], networks[name])
    }
    for line in pools:
        key, before = (line.cluster, line.name), earlier.clusters.get(line.cluster)
        named = earlier.zones.get(key)
        if named is None:
            continue
        if before is not None and line.cluster in zones:
            other = (named or before.zones) != (line.zones or zones[line.cluster])
            if other or _network(before.declared) != networks[line.cluster]:
                found.add(key)
        elif named != line.zones:
            found.add(key)
    return found


def _network(declared: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of EKS: somebody else's, by its subnets."""
    return declared.get("network.vpc_id"), declared.get("network.private_subnet_ids")


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
    return value != _other(value)


def _other(value: Any, names: Set[str] = frozenset(), *, everything: bool = False) -> Any:
    """The same with something else wherever it is unknown or holds one of these names, or in all of its text."""
    if isinstance(value, Mapping):
        return {key: _other(each, names, everything=everything) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_other(each, names, everything=everything) for each in value]
    if not isinstance(value, str):
        return value
    return "[before]" if everything or value == _UNKNOWN or any(name in value for name in names) else value
