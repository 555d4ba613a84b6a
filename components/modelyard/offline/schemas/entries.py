"""Puts an SDK's types and the value constraints together into the entries that the catalogue stores."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .sdk import ResourceShape, Sdk, Shape

Limits = dict[str, Any]
"""Constraints of one property: ``enum``, ``pattern``, ``minLength``, ``maxItems``, ``items``, ``keys``, ..."""

KUBERNETES_VALUES = Path(__file__).parent / "kubernetes_values.json"


def entries(
    sdk: Sdk,
    limits: dict[str, dict[str, Limits]] | None = None,
    create_only: dict[str, list[str]] | None = None,
) -> dict[str, dict[str, Any]]:
    """Every resource and every nested type that one of them can hold, by name, ready to be stored.

    ``limits`` are value constraints by name of the type and of its property; Kubernetes has its own file of them.
    ``create_only`` are inputs by token whose change replaces the resource, beside those that the SDK documents.
    """
    expressions: dict[str, dict[str, str]] = {}
    names = _names_used(sdk)
    if sdk.package == "kubernetes":
        expressions, limits = _kubernetes_values(names, sdk)
    stored: dict[str, dict[str, Any]] = {}
    for name in names:
        resource = sdk.resources.get(name)
        shape = resource.inputs if resource else sdk.types[name]
        entry = _properties(shape, expressions.get(name, {}), (limits or {}).get(name, {}))
        if resource:
            entry |= _outputs(resource)
            if replacing := sorted({*shape.replacing, *(create_only or {}).get(name, ())}):
                entry["createOnly"] = replacing
        stored[name] = entry
    return stored


def _names_used(sdk: Sdk) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(sdk.resources)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        shape = sdk.resources[name].inputs if name in sdk.resources else sdk.types[name]
        waiting += references(shape.properties.values())
    return sorted(found)


def references(expressions: Iterable[str]) -> list[str]:
    return [name for e in expressions for name in re.findall(r"@([^\]}|]+)", e)]


def _properties(shape: Shape, expressions: dict[str, str], limits: dict[str, Limits]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, derived in shape.properties.items():
        expression = expressions.get(name, derived)
        limit = {"enum": [shape.constants[name]]} if name in shape.constants else limits.get(name)
        properties[name] = [expression, limit] if limit else expression
    return {"properties": properties} | ({"required": shape.required} if shape.required else {})


def _outputs(resource: ResourceShape) -> dict[str, Any]:
    computed = {n: t for n, t in resource.outputs.items() if n not in resource.inputs.properties}
    return {key: value for key, value in (("outputs", computed), ("secret", resource.secret_outputs)) if value}


def _kubernetes_values(names: list[str], sdk: Sdk) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, Limits]]]:
    facts = json.loads(KUBERNETES_VALUES.read_bytes())
    words = facts["words"]

    def spelled(limit: Any) -> Limits:
        if isinstance(limit, str):
            return words[limit]
        return {k: spelled(v) if k in ("keys", "values", "items") else v for k, v in limit.items()}

    def matching(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for pattern, properties in table.items():
            matched = fnmatch.filter(names, pattern)
            for name in matched:
                shape = sdk.resources[name].inputs if name in sdk.resources else sdk.types[name]
                found[name] = {p: v for p, v in properties.items() if p in shape.properties}
            if not any(found[name] for name in matched):
                raise LookupError(f"kubernetes_values.json: nothing in the SDK is called {pattern}")
        return found

    limits = {n: {p: spelled(v) for p, v in of.items()} for n, of in matching(facts["limits"]).items()}
    for token, resource in sdk.resources.items():
        if resource.inputs.properties.get("metadata") == "@meta/v1/ObjectMetaArgs" and "rbac." not in token:
            word = facts["names"].get(token, "dns_subdomain")
            limits.setdefault(token, {})["metadata"] = {"properties": {"name": words[word]}}
    return matching(facts["types"]), limits
