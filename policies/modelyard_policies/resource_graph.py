"""What the engine shows to a stack policy, as a resource graph.

Costs, placement and stack rules read inputs. The engine shows a stack policy outputs: they hold more than the inputs,
and during a preview they are empty for every resource of a provider whose configuration is not known yet, such as a
cluster that is still to be made. It has shown the inputs to the resource policies before, in the same process, so the
rules remember them. The engine's order is not stable: the graph is sorted by URN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_not
from types import NoneType
from typing import Any, Final

from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from pulumi_policy import PolicyResource
from pulumi_policy.proxy import UnknownValueError

from modelyard_policies.resource_types import EVERYTHING, ResourceTypes

ATOMS: Final = frozenset({str, int, float, bool, NoneType})
"""Types that hold nothing else."""

_ENGINE_KEYS: Final = ("__defaults", "__internal")
"""The engine's own notes in inputs."""

Observed = dict[str, Any]
"""URN to the inputs that the engine showed to the resource rules last."""


def from_stack(
    resources: Sequence[PolicyResource], types: ResourceTypes = EVERYTHING, observed: Observed | None = None
) -> ResourceGraph:
    """The resources of ``StackValidationArgs`` whose type is among ``types``.

    Without observed inputs the outputs stand in for them, less what is unknown and was not given by the program: an
    output yet to come.
    """
    seen = observed or {}
    wanted = [_from_policy_resource(each, seen) for each in resources if each.resource_type in types]
    return ResourceGraph(sorted(wanted, key=_urn))


def from_graph(graph: ResourceGraph) -> ResourceGraph:
    """A recorded graph as ``from_stack`` gives it for the same program, with all types."""
    return ResourceGraph(sorted(map(_from_recorded, graph), key=_urn))


def only(graph: ResourceGraph, types: ResourceTypes) -> ResourceGraph:
    """The part of a graph that a rule looks at."""
    return ResourceGraph(resource for resource in graph if resource.type in types)


def _from_policy_resource(resource: PolicyResource, observed: Observed) -> Resource:
    given = resource.property_dependencies
    seen = observed.get(resource.urn)
    inputs = plain(resource.props if seen is None else seen)
    if seen is None:
        inputs = {key: value for key, value in inputs.items() if value is not UNKNOWN or key in given}
    provider = resource.provider
    return Resource(
        urn=resource.urn,
        type=resource.resource_type,
        name=resource.name,
        inputs=inputs,
        stack=_stack(resource.urn),
        parent=resource.parent.urn if resource.parent else None,
        custom=provider is not None or resource.resource_type.startswith("pulumi:providers:"),
        dependencies=tuple(sorted(dependency.urn for dependency in resource.dependencies)),
        property_dependencies={
            key: tuple(sorted(dependency.urn for dependency in given[key])) for key in given if given[key]
        },
        provider=provider.urn if provider else None,
        protect=resource.opts.protect,
        ignore_changes=tuple(resource.opts.ignore_changes),
    )


def _from_recorded(resource: Resource) -> Resource:
    return Resource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        inputs=revealed(resource.inputs),
        stack=_stack(resource.urn),
        parent=resource.parent,
        custom=resource.provider is not None or resource.type.startswith("pulumi:providers:"),
        dependencies=tuple(sorted(resource.dependencies)),
        property_dependencies={
            key: tuple(sorted(urns)) for key, urns in resource.property_dependencies.items() if urns
        },
        provider=resource.provider,
        protect=resource.protect,
        ignore_changes=tuple(resource.ignore_changes),
    )


def revealed(value: Any) -> Any:
    """The value without its secret wrappers, which the engine does not show to a rule either; the same object where
    there are none."""
    if type(value) in ATOMS:
        return value
    if isinstance(value, Secret):
        return revealed(value.reveal())
    if isinstance(value, Mapping):
        shown = {key: new for key, item in value.items() if (new := revealed(item)) is not item}
        return {**value, **shown} if shown else value
    if isinstance(value, list):
        items = [revealed(item) for item in value]
        return items if any(map(is_not, items, value)) else value
    if isinstance(value, tuple):
        return [revealed(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """What the engine showed as plain data, with ``UNKNOWN`` for what only the cloud knows."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value if key not in _ENGINE_KEYS}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(container: Any, key: Any) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _stack(urn: str) -> str:
    parts = urn.split("::")
    return parts[0].removeprefix("urn:pulumi:")


def _urn(resource: Resource) -> str:
    return resource.urn
