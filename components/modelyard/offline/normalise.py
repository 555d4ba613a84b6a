"""What may differ between an offline plan and ``pulumi preview --json``, and nothing else.

Both are brought to the same form; after that, two plans of one program are equal or one of the engines is wrong:

1. Default providers: the preview does not list them. They are left out; resources still name them.
2. A provider reference is its URN and an id; the id is left out.
3. Unknown values: the engine's sentinel and ``UNKNOWN`` are both ``[unknown]``; a secret is ``[secret]``.
4. Bookkeeping that the engine adds to inputs: ``__internal`` and ``__defaults`` of objects, ``hash`` of assets.
5. A property without dependencies may be listed with none or not at all. Orders of URNs do not count.
6. ``data`` and ``stringData`` of a Kubernetes Secret are ``[secret]``: the engine shows them where the provider's
   configuration is still unknown, because it has not asked the provider yet.
7. Resources come in the order in which they were registered, which is the program's own only offline: by URN.

Names made by autonaming need no rule: the simulated providers derive them from the URN on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime import rpc

from modelyard.graph import Resource, plain
from modelyard.offline.provider_registry import provider_urn

Comparable = dict[str, dict[str, Any]]
"""By URN: type, parent, inputs, dependencies, property_dependencies, provider, protect, custom."""

_ENGINE_KEYS = ("__internal", "__defaults")


def from_graph(resources: Iterable[Resource]) -> Comparable:
    """An offline plan in comparable form."""
    return {
        resource.urn: _comparable(
            type_=resource.type,
            parent=resource.parent,
            inputs=plain(resource.inputs),
            dependencies=resource.dependencies,
            property_dependencies=resource.property_dependencies,
            provider=resource.provider,
            protect=resource.protect,
        )
        for resource in resources
        if not is_default_provider(resource.urn)
    }


def from_preview(document: Mapping[str, Any]) -> Comparable:
    """The JSON document of ``pulumi preview --json`` in comparable form."""
    states = [step["newState"] for step in document["steps"] if step.get("newState")]
    return {
        state["urn"]: _comparable(
            type_=state["type"],
            parent=state.get("parent"),
            inputs=state.get("inputs") or {},
            dependencies=state.get("dependencies") or (),
            property_dependencies=state.get("propertyDependencies") or {},
            provider=provider_urn(state["provider"]) if state.get("provider") else None,
            protect=bool(state.get("protect")),
        )
        for state in states
        if not is_default_provider(state["urn"])
    }


def is_default_provider(urn: str) -> bool:
    """Whether the engine made this provider itself."""
    return "::pulumi:providers:" in urn and urn.rpartition("::")[2].split("_")[0] == "default"


def _comparable(
    *,
    type_: str,
    parent: str | None,
    inputs: Mapping[str, Any],
    dependencies: Iterable[str],
    property_dependencies: Mapping[str, Iterable[str]],
    provider: str | None,
    protect: bool,
) -> dict[str, Any]:
    return {
        "type": type_,
        "parent": parent,
        "inputs": _masked(type_, _value(inputs)),
        "dependencies": sorted(dependencies),
        "property_dependencies": {
            name: sorted(urns) for name, urns in sorted(property_dependencies.items()) if list(urns)
        },
        "provider": provider,
        "protect": protect,
    }


def _masked(type_: str, inputs: dict[str, Any]) -> dict[str, Any]:
    if type_ != "kubernetes:core/v1:Secret":
        return inputs
    return {name: "[secret]" if name in ("data", "stringData") else value for name, value in inputs.items()}


def _value(value: Any) -> Any:
    if value == rpc.UNKNOWN:
        return "[unknown]"
    if isinstance(value, Mapping):
        if rpc._special_sig_key in value:
            return {name: _value(item) for name, item in value.items() if name != "hash"}
        return {name: _value(item) for name, item in value.items() if name not in _ENGINE_KEYS}
    if isinstance(value, list):
        return [_value(item) for item in value]
    return value
