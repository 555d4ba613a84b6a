"""Type expressions of the catalogue, compiled into objects that check values.

``string``, ``integer``, ``number``, ``boolean``, ``any``, ``asset``, ``quantity`` (a Kubernetes resource
quantity), ``amounts`` (a map of them), ``[T]`` a list, ``{T}`` a map with text keys, ``@module/NameArgs`` a
nested object, ``A|B`` either. A check returns None when all is well, so a good resource costs no allocation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from modelyard.graph import UNKNOWN, Secret

from .fault import Check, Fault, Faults, Key, fault, inside, missing_property, unknown_property, wrong_type
from .quantity import Amounts, Quantity
from .scalar import Anything, Asset, Boolean, Limits, Number, Text


def compiled(expression: str, limits: Limits, resolve: Callable[[str], Check]) -> Check:
    """The check for a type expression, with the value constraints that apply to it.

    ``resolve`` finds the check of a nested type by its name, when a value first reaches it.
    """
    if len(members := _members(expression)) > 1:
        return Either([compiled(m, limits if m == "string" else {}, resolve) for m in members])
    if expression.startswith("["):
        items = compiled(expression[1:-1], limits.get("items", {}), resolve)
        return ListOf(items, limits)
    if expression.startswith("{"):
        values = compiled(expression[1:-1], limits.get("values", {}), resolve)
        return MapOf(values, Text(limits["keys"]) if "keys" in limits else None)
    if expression.startswith("@"):
        narrower = {n: compiled("string", of, resolve) for n, of in limits.get("properties", {}).items()}
        return Nested(expression[1:], resolve, narrower)
    if expression == "string":
        return Text(limits)
    if expression in ("integer", "number"):
        return Number(expression == "integer", limits)
    return PLAIN.get(expression, ANY)


class ListOf:
    expected = "a list"
    __slots__ = ("items", "longest", "shortest", "unique")

    def __init__(self, items: Check, limits: Limits) -> None:
        self.items = items
        self.shortest = limits.get("minItems")
        self.longest = limits.get("maxItems")
        self.unique = limits.get("uniqueItems", False)

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, list | tuple):
            return [wrong_type(self.expected, value)]
        found: list[Fault] = []
        size = len(value)
        if self.longest is not None and size > self.longest:
            found.append(fault(f"{_items(size)}; at most {self.longest} allowed"))
        if self.shortest is not None and size < self.shortest:
            found.append(fault(f"{_items(size)}; at least {self.shortest} needed"))
        if self.unique:
            found += _repeated(value)
        check = self.items
        for index, item in enumerate(value):
            if faults := inside(check, item):
                found += [f.under(index) for f in faults]
        return found or None


class MapOf:
    expected = "an object"
    __slots__ = ("keys", "values")

    def __init__(self, values: Check, keys: Check | None = None) -> None:
        self.values = values
        self.keys = keys

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, Mapping):
            return [wrong_type(self.expected, value)]
        found: list[Fault] = []
        for name, item in value.items():
            if self.keys is not None and (faults := self.keys(name)):
                found += [Fault((Key(name),), f"the key {f.reason}", f"a key: {f.secret_reason}") for f in faults]
            if faults := inside(self.values, item):
                found += [f.under(Key(name)) for f in faults]
        return found or None


class Object:
    """An object with declared properties; an ``open`` one takes others too."""

    expected = "an object"
    __slots__ = ("open", "properties", "required")

    def __init__(self, properties: Mapping[str, Check], required: list[str], is_open: bool = False) -> None:
        self.properties = properties
        self.required = required
        self.open = is_open

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, Mapping):
            return [wrong_type(self.expected, value)]
        found: list[Fault] = []
        properties = self.properties
        for name, item in value.items():
            check = properties.get(name)
            if check is None:
                if not self.open:
                    found.append(unknown_property(name, properties))
            elif faults := inside(check, item):
                found += [f.under(name) for f in faults]
        for name in self.required:
            if value.get(name) is None:
                found.append(missing_property(name, properties[name].expected))
        return found or None


class ProviderSettings(Object):
    """Inputs of a provider resource, whose SDK sends everything that is not text as JSON text."""

    __slots__ = ()

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, Mapping):
            return [wrong_type(self.expected, value)]
        return super().__call__({n: self._parsed(n, v) for n, v in value.items() if n not in PROVIDER_OPTIONS})

    def _parsed(self, name: str, value: Any) -> Any:
        if isinstance(value, Secret):
            return Secret(self._parsed(name, value.reveal()))
        if isinstance(value, str) and not isinstance(self.properties.get(name), Text):
            try:
                return json.loads(value)
            except json.JSONDecodeError:
                return value
        return value


class Nested:
    """A nested type, looked up when a value first reaches it: most values never touch most types.

    ``narrower`` are further checks of single properties, which hold in this place alone.
    """

    expected = "an object"
    __slots__ = ("_check", "_name", "_narrower", "_resolve")

    def __init__(self, name: str, resolve: Callable[[str], Check], narrower: Mapping[str, Check] | None = None) -> None:
        self._name = name
        self._resolve = resolve
        self._narrower = narrower
        self._check: Check | None = None

    def __call__(self, value: Any) -> Faults:
        if self._check is None:
            self._check = self._resolve(self._name)
        found = self._check(value)
        if self._narrower and isinstance(value, Mapping):
            for name, check in self._narrower.items():
                if faults := inside(check, value.get(name)):
                    found = [*(found or ()), *(f.under(name) for f in faults)]
        return found


class Either:
    __slots__ = ("expected", "members")

    def __init__(self, members: list[Check]) -> None:
        self.members = members
        self.expected = " or ".join(dict.fromkeys(m.expected for m in members))

    def __call__(self, value: Any) -> Faults:
        tried = [member(value) for member in self.members]
        if not all(tried):
            return None
        # Where one side takes the type, what it says of the value is what the user has to hear.
        closer = [faults for faults in tried if faults and any(f.path or not f.of_type for f in faults)]
        return closer[0] if closer else [wrong_type(self.expected, value)]


def _members(expression: str) -> list[str]:
    """The sides of the bars that are not inside brackets."""
    members, depth = [""], 0
    for character in expression:
        depth += (character in "[{") - (character in "]}")
        if character == "|" and depth == 0:
            members.append("")
        else:
            members[-1] += character
    return members


def _items(size: int) -> str:
    return f"has {size} item" if size == 1 else f"has {size} items"


def _repeated(value: list[Any] | tuple[Any, ...]) -> list[Fault]:
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        if item is UNKNOWN or isinstance(item, Secret | Mapping | list | tuple):
            continue
        first = seen.setdefault(repr(item), index)
        if first != index:
            return [fault(f"items {first} and {index} are the same; each may be given once")]
    return []


PROVIDER_OPTIONS = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "__internal", "__defaults"})
"""What the engine itself adds to the inputs of a provider resource."""

ANY = Anything()
PLAIN: Mapping[str, Check] = {
    "boolean": Boolean(),
    "asset": Asset(),
    "quantity": Quantity(),
    "amounts": Amounts(),
}
