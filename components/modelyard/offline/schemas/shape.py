"""Type expressions of the catalogue, compiled into objects that check values.

``string``, ``integer``, ``number``, ``boolean``, ``any``, ``asset``, ``quantity`` (a Kubernetes resource
quantity), ``amounts`` (a map of them), ``[T]`` a list, ``{T}`` a map with text keys, ``@module/NameArgs`` a
nested object, ``A|B`` either. A check returns None when all is well, so a good resource costs no allocation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from modelyard.graph import UNKNOWN, Secret

from .form import FORMS
from .problem import Fault, fault, missing_property, not_allowed, shortened, unknown_property, wrong_type

Faults = list[Fault] | None
Limits = Mapping[str, Any]

ASSET_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks assets and archives among plain data."""

QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
"""https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""


class Check(Protocol):
    expected: str

    def __call__(self, value: Any) -> Faults: ...


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


def inside(check: Check, value: Any) -> Faults:
    """Check a value that may be unknown or secret; what is found in a secret is told without the value."""
    if value is UNKNOWN or value is None:
        return None
    if isinstance(value, Secret):
        found = inside(check, value.reveal())
        return [f.hidden() for f in found] if found else None
    return check(value)


class Text:
    expected = "text"
    __slots__ = ("enum", "folded", "form", "longest", "pattern", "shortest")

    def __init__(self, limits: Limits) -> None:
        self.enum = frozenset(limits["enum"]) if "enum" in limits else None
        self.folded = frozenset(e.lower() for e in self.enum or ()) if limits.get("anyCase") else None
        self.form = FORMS[limits["form"]] if "form" in limits else None
        self.pattern = re.compile(limits["pattern"]) if "pattern" in limits else None
        self.shortest = limits.get("minLength")
        self.longest = limits.get("maxLength")

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, str):
            return [wrong_type(self.expected, value)]
        if self.enum is not None and value not in self.enum and value.lower() not in (self.folded or ()):
            return [not_allowed(value, self.enum)]
        if self.form is not None and not self.form[0](value):
            rule = f"the value is not {self.form[1]}"
            return [fault(f'"{shortened(value)}" is not {self.form[1]}', rule)]
        size = len(value)
        if self.longest is not None and size > self.longest:
            allowed = f"at most {self.longest} are allowed"
            return [fault(f'"{shortened(value)}" has {size} characters; {allowed}', f"too long; {allowed}")]
        if self.shortest is not None and size < self.shortest:
            allowed = f"at least {self.shortest} are needed"
            return [fault(f'"{value}" has {size} characters; {allowed}', f"too short; {allowed}")]
        if self.pattern is not None and not self.pattern.search(value):
            rule = f"match the pattern {self.pattern.pattern}"
            return [fault(f'"{shortened(value)}" does not {rule}', f"the value does not {rule}")]
        return None


class Number:
    __slots__ = ("enum", "expected", "integer", "maximum", "minimum")

    def __init__(self, integer: bool, limits: Limits) -> None:
        self.integer = integer
        self.expected = "an integer" if integer else "a number"
        self.enum = limits.get("enum")
        self.minimum = limits.get("minimum")
        self.maximum = limits.get("maximum")

    def __call__(self, value: Any) -> Faults:
        # Pulumi's wire format has one number type, so a whole float is an integer.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return [wrong_type(self.expected, value)]
        if self.integer and value != value // 1:
            return [wrong_type(self.expected, value)]
        if self.enum is not None and value not in self.enum:
            choices = f"allowed: {', '.join(map(str, self.enum))}"
            return [fault(f"{value:g} is not an allowed value; {choices}", f"not an allowed value; {choices}")]
        if self.minimum is not None and value < self.minimum:
            return [fault(f"{value} is below the minimum {self.minimum}", f"below the minimum {self.minimum}")]
        if self.maximum is not None and value > self.maximum:
            return [fault(f"{value} is above the maximum {self.maximum}", f"above the maximum {self.maximum}")]
        return None


class Boolean:
    expected = "true or false"

    def __call__(self, value: Any) -> Faults:
        return None if isinstance(value, bool) else [wrong_type(self.expected, value)]


class Quantity:
    expected = 'a quantity such as "500m" or "8Gi"'

    def __call__(self, value: Any) -> Faults:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return None
        if not isinstance(value, str) or not QUANTITY.fullmatch(value):
            return [wrong_type(self.expected, value)]
        return None


class Amounts:
    """Requests and limits by resource name. Devices are whole: nothing serves half of ``nvidia.com/gpu``."""

    expected = "an object from resource names to quantities"

    def __call__(self, value: Any) -> Faults:
        if not isinstance(value, Mapping):
            return [wrong_type(self.expected, value)]
        found: list[Fault] = []
        for name, amount in value.items():
            check = WHOLE if "/" in name and "kubernetes.io/" not in name else QUANTITIES
            if faults := inside(check, amount):
                found += [f.under(name) for f in faults]
        return found or None


class WholeQuantity:
    expected = "a whole number of devices"

    def __call__(self, value: Any) -> Faults:
        if isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1:
            return None
        return None if isinstance(value, str) and re.fullmatch(r"\d+k?", value) else [wrong_type(self.expected, value)]


class Asset:
    expected = "an asset or an archive"

    def __call__(self, value: Any) -> Faults:
        if isinstance(value, Mapping):
            return None if ASSET_SIGNATURE in value else [wrong_type(self.expected, value)]
        return [wrong_type(self.expected, value)] if isinstance(value, str | int | float | list) else None


class Anything:
    expected = "a value"

    def __call__(self, value: Any) -> Faults:
        return None


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
        for key, item in value.items():
            if self.keys is not None and (faults := self.keys(key)):
                found += [Fault((key,), f"the key {f.reason}", f"a key: {f.secret_reason}", True) for f in faults]
            if faults := inside(self.values, item):
                found += [Fault((key, *f.path), f.reason, f.secret_reason, f.quoted or not f.path) for f in faults]
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
        deep = [faults for faults in tried if faults and any(f.path for f in faults)]
        return deep[0] if deep else [wrong_type(self.expected, value)]


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

WHOLE = WholeQuantity()
QUANTITIES = Quantity()
ANY = Anything()
PLAIN: Mapping[str, Check] = {
    "boolean": Boolean(),
    "asset": Asset(),
    "quantity": QUANTITIES,
    "amounts": Amounts(),
}
