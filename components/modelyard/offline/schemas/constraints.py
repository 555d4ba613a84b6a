"""Value constraints of AWS resources, taken over from CloudFormation.

CloudFormation and the Terraform provider under Pulumi's describe the same APIs in two shapes, so a constraint
is taken over only where the two sides agree on the name and on the kind of value; all else is left out and
counted. A constraint that is missing lets a mistake through until ``up``; a wrong one would refuse what AWS
takes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .cloudformation import Node, Schemas, translated
from .entries import Limits, references
from .sdk import Sdk, Shape

REVIEWED = Path(__file__).parent / "aws_values.json"
LIST_KEYWORDS = ("minItems", "maxItems", "uniqueItems")
TEXT_KEYWORDS = ("minLength", "maxLength")
NUMBER_KEYWORDS = ("minimum", "maximum")
FORMS = {"ipv4-network": "ipv4_network", "json": "json"}
JSON_TYPES = ("object", ["object", "string"], ["string", "object"])
"""Where Terraform takes text and CloudFormation an object, the text is a JSON document."""
DEEPEST = 8


@dataclass(slots=True)
class Taken:
    """What was taken over from CloudFormation, and what was not."""

    limits: dict[str, dict[str, Limits]] = field(default_factory=dict)
    """By name of the token or nested type, then by property."""
    create_only: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def take_over(sdk: Sdk, schemas: Schemas) -> Taken:
    """The constraints for an SDK's resources and nested types, reviewed ones over derived ones."""
    reviewed = json.loads(REVIEWED.read_bytes())
    taker = _Taker(sdk, schemas, reviewed)
    for token in sorted(sdk.resources):
        taker.resource(token)
    taker.agree()
    taker.correct()
    return taker.taken


class _Taker:
    def __init__(self, sdk: Sdk, schemas: Schemas, reviewed: Mapping[str, Any]) -> None:
        self.sdk = sdk
        self.schemas = schemas
        self.reviewed = reviewed
        self.taken = Taken()
        self.types = _TypeNames(schemas, reviewed)
        self.uses = _uses(sdk)
        self.seen: dict[str, dict[tuple[str, str], dict[str, Limits]]] = {}

    def resource(self, token: str) -> None:
        place = self.types.of(token)
        if place is None:
            self.taken.counts["resources without a CloudFormation type"] += 1
            return
        type_name, _, inner = place.partition("/")
        document = self.schemas.by_type[type_name]
        root = Node(document, document)
        start = root.at(inner)
        if start is None:
            raise LookupError(f"aws_values.json: {type_name} has no property at {inner}")
        self.taken.counts["resources with a CloudFormation type"] += 1
        shape = self.sdk.resources[token].inputs
        self.taken.limits[token] = self._object(token, shape, start, root, type_name, 0)
        matched = {n: self._match(token, n, start, root, type_name) for n in shape.properties}
        pointers = {p.removeprefix("/properties/") for p in document.get("createOnlyProperties", ())}
        prefix = f"{inner}/" if inner else ""
        fixed = {n for n, m in matched.items() if m is not None and f"{prefix}{m[0]}" in pointers}
        prefixes = {f"{n}Prefix" for n in fixed} & set(shape.properties)
        self.taken.create_only[token] = sorted(fixed | prefixes)

    def agree(self) -> None:
        """Keep a nested type's constraints only where every place that uses it would give the same."""
        for name, by_place in self.seen.items():
            results = list(by_place.values())
            if len(by_place) < self.uses[name] or any(r != results[0] for r in results):
                self.taken.counts["nested types used in several places, left out"] += 1
            elif results[0]:
                self.taken.limits[name] = results[0]

    def correct(self) -> None:
        """Apply the reviewed limits, and the values that the SDK's own documentation names beside the enums."""
        shapes = self.sdk.types | {t: r.inputs for t, r in self.sdk.resources.items()}
        for name, properties in self.taken.limits.items():
            shape = shapes[name]
            folded = {_folded(p) for p in shape.properties}
            for prop, limit in properties.items():
                for part in (limit, limit.get("items", {})):
                    if "enum" in part:
                        also = {v for v in shape.documented.get(prop, ()) if _folded(v) not in folded}
                        part["enum"] = sorted({*part["enum"], *also, *shape.enums.get(prop, ())})
        for name, prop, limit in self._reviewed("limits", shapes):
            self.taken.limits.setdefault(name, {})[prop] = limit
        for token, prop, _ in self._reviewed("create_only", shapes):
            self.taken.create_only[token] = sorted({prop, *self.taken.create_only.get(token, ())})
        for token, prop, _ in self._reviewed("updatable", shapes):
            self.taken.create_only[token] = [p for p in self.taken.create_only.get(token, ()) if p != prop]
        for token, resource in self.sdk.resources.items():
            # Since version 7 of the provider a resource can name its region, and none can move to another.
            if resource.inputs.properties.get("region") == "string" and "region" in resource.outputs:
                self.taken.create_only.setdefault(token, []).append("region")
            if resource.inputs.properties.get("tags") == "{string}":
                self.taken.limits.setdefault(token, {})["tags"] = self._tags(token)

    def _tags(self, token: str) -> Limits:
        """What every service holds tags to, with what this one's own list of keys and values adds."""
        place = self.types.of(token) or ""
        document = self.schemas.by_type.get(place.partition("/")[0], {})
        listed = Node(document, document).at("Tags/*")
        own = listed.properties() if listed else {}
        general = self.reviewed["tags"]
        return {
            side: general[side] | (self._text(own[part]) if part in own else {})
            for side, part in (("keys", "Key"), ("values", "Value"))
        }

    def _reviewed(self, table: str, shapes: Mapping[str, Shape]) -> Iterator[tuple[str, str, Any]]:
        """The rows of a reviewed table; one about something that the SDK has not is an error."""
        for name, properties in self.reviewed[table].items():
            if name == "about":
                continue
            if name not in shapes and not self.sdk.whole:
                continue
            for prop in properties:
                if name not in shapes or prop not in shapes[name].properties:
                    raise LookupError(f"aws_values.json: {table}: the SDK has no {prop} in {name}")
                yield name, prop, properties[prop] if isinstance(properties, dict) else None

    def _object(self, name: str, shape: Shape, node: Node, root: Node, type_name: str, depth: int) -> dict[str, Limits]:
        limits: dict[str, Limits] = {}
        for prop, expression in shape.properties.items():
            matched = self._match(name, prop, node, root, type_name)
            if matched is None:
                self.taken.counts["properties without a counterpart"] += 1
                continue
            self.taken.counts["properties with a counterpart"] += 1
            limit = self._limits(expression, matched[1])
            if limit:
                limits[prop] = limit
            self._nested(name, prop, expression, matched[1], root, type_name, depth + 1)
        return limits

    def _nested(
        self, name: str, prop: str, expression: str, node: Node, root: Node, type_name: str, depth: int
    ) -> None:
        if depth > DEEPEST or expression.startswith("{"):
            return
        target = node.items() if node.kind == "array" else node
        if target is None or target.kind != "object":
            return
        for nested in references([expression]):
            shape = self.sdk.types[nested]
            found = self._object(nested, shape, target, root, type_name, depth)
            places = self.seen.setdefault(nested, {})
            if places.setdefault((name, prop), found) != found:
                places[(name, f"{prop} again")] = found

    def _match(self, name: str, prop: str, node: Node, root: Node, type_name: str) -> tuple[str, Node] | None:
        renamed = self.reviewed["properties"].get(name, {}).get(prop)
        if renamed is not None:
            found = root.at(renamed[1:]) if renamed.startswith("/") else node.at(renamed)
            if found is None:
                raise LookupError(f"aws_values.json: {type_name} has no property at {renamed}")
            return renamed, found
        if prop in self.reviewed["ignored"].get(name, ()):
            return None
        properties = node.properties()
        by_name = {_folded(p): p for p in properties}
        for candidate in _spellings(prop, type_name, top=":" in name):
            if (original := by_name.get(candidate)) is not None:
                return original, properties[original]
        return None

    def _limits(self, expression: str, node: Node) -> Limits:
        if expression.startswith("["):
            if node.kind not in ("array", "object"):
                items = self._limits(expression[1:-1], node)
                return {"items": items} if items else {}
            limits = {k: node.schema[k] for k in LIST_KEYWORDS if node.schema.get(k)}
            inner = node.items()
            items = self._limits(expression[1:-1], inner) if inner else {}
            if items.get("form") == "json":
                items = {}
            return limits | ({"items": items} if items else {})
        if expression == "string" or expression.endswith("|string"):
            return self._text(node)
        if expression in ("integer", "number") and node.kind in ("integer", "number"):
            return {k: node.schema[k] for k in NUMBER_KEYWORDS if k in node.schema}
        if _bounds(node.schema):
            self.taken.counts["constraints on another kind of value, left out"] += 1
        return {}

    def _text(self, node: Node) -> Limits:
        schema = node.schema
        if schema.get("type") in JSON_TYPES and not schema.get("properties"):
            self.taken.counts["JSON documents"] += 1
            return {"form": "json"}
        if node.kind != "string":
            if _bounds(schema):
                self.taken.counts["constraints on another kind of value, left out"] += 1
            return {}
        limits: Limits = {}
        for keyword in ("enum", "enumCaseInsensitive"):
            if keyword in schema and all(isinstance(v, str) for v in schema[keyword]):
                limits["enum"] = sorted(set(schema[keyword]))
                if keyword == "enumCaseInsensitive":
                    limits["anyCase"] = True
        if "enum" in limits:
            return limits
        if (form := FORMS.get(schema.get("format", ""))) is not None:
            return {"form": form}
        limits |= {k: schema[k] for k in TEXT_KEYWORDS if k in schema}
        if not limits.get("minLength"):
            limits.pop("minLength", None)
        if "pattern" in schema:
            pattern = translated(schema["pattern"])
            self.taken.counts["patterns taken" if pattern else "patterns not expressible, left out"] += 1
            if pattern:
                limits["pattern"] = pattern
        return limits


class _TypeNames:
    """Which CloudFormation type describes a token: by the reviewed table, else by the names alone."""

    def __init__(self, schemas: Schemas, reviewed: Mapping[str, Any]) -> None:
        self.reviewed = reviewed["types"]
        self.services = reviewed["services"]
        self.by_name: dict[str, str] = {}
        for type_name in schemas.by_type:
            _, service, resource = type_name.split("::", 2)
            self.by_name[f"{_folded(service)}/{_folded(resource)}"] = type_name

    def of(self, token: str) -> str | None:
        if token in self.reviewed:
            return self.reviewed[token]
        _, module, name = token.split(":")
        service = module.split("/")[0]
        for cloudformation_service in (service, *self.services.get(service, ())):
            for resource in _without(name, self.services.get(f"{service} prefixes", ())):
                found = self.by_name.get(f"{_folded(cloudformation_service)}/{_folded(resource)}")
                if found:
                    return found
        return None


def _uses(sdk: Sdk) -> Counter[str]:
    shapes = [*sdk.types.values(), *(r.inputs for r in sdk.resources.values())]
    return Counter(n for s in shapes for e in s.properties.values() for n in set(references([e])))


def _spellings(prop: str, type_name: str, top: bool) -> Iterator[str]:
    folded = _folded(prop)
    yield folded
    yield f"{folded}s"
    for ending, other in (("ies", "y"), ("es", ""), ("s", "")):
        if folded.endswith(ending):
            yield folded.removesuffix(ending) + other
    if top and prop == "name":
        yield f"{_folded(type_name.rpartition('::')[2])}name"


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _without(name: str, prefixes: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield name
    for prefix in prefixes:
        if name.startswith(prefix):
            yield name.removeprefix(prefix)


def _bounds(schema: Mapping[str, Any]) -> bool:
    return any(k in schema for k in ("enum", "pattern", *TEXT_KEYWORDS, *NUMBER_KEYWORDS))
