"""Checks of single values: text, numbers, booleans, assets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from .fault import Faults, fault, not_allowed, wrong_type
from .form import FORMS
from .problem import shortened

Limits = Mapping[str, Any]
"""Value constraints in the words of the catalogue: ``enum``, ``pattern``, ``maxLength``, ``minimum``, ..."""

ASSET_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks assets and archives among plain data."""


compiled = cache(re.compile)


class Text:
    expected = "text"
    __slots__ = ("enum", "folded", "form", "longest", "pattern", "shortest")

    def __init__(self, limits: Limits) -> None:
        self.enum = frozenset(limits["enum"]) if "enum" in limits else None
        self.folded = frozenset(e.lower() for e in self.enum or ()) if limits.get("anyCase") else None
        self.form = FORMS[limits["form"]] if "form" in limits else None
        self.pattern: str | None = limits.get("pattern")
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
        # Compiled when a value first comes by: most of the patterns in a plan's types meet none.
        if self.pattern is not None and not compiled(self.pattern).search(value):
            rule = f"match the pattern {self.pattern}"
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
