"""Physical names that a provider makes up, and what it takes for one that a program gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.naming import NameTooLong, hex_of, uuid_of
from modelyard.offline.urn import name_of

Kind = Literal["dash", "random", "copy", "uuid"]
"""``dash``: the logical name, '-' and digits; ``random``: without the dash; ``copy``: the logical name as it is."""

_DIGITS = {"dash": 7, "random": 8}


@dataclass(frozen=True, slots=True)
class PhysicalName:
    """Which input is the name and how it is made up."""

    property: str
    kind: Kind = "dash"
    max_length: int = 255
    lowercase: bool = False
    pattern: str = ""
    expected: str = ""
    """The pattern in words."""

    def of(
        self, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any] | None, replaces: str
    ) -> str | None:
        """The name, or None where the program gives one. A resource keeps the name that it has.

        Raises NameTooLong.
        """
        if inputs.get(self.property) is not None:
            return None
        old = (old_inputs or {}).get(self.property)
        return old if isinstance(old, str) else self._made_up(urn, replaces)

    def problems(self, inputs: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with a known name."""
        name = inputs.get(self.property)
        if not self.pattern or not isinstance(name, str) or re.fullmatch(self.pattern, name):
            return []
        return [Problem(self.property, f"{name!r} does not match: {self.expected}")]

    def is_made_up(self, urn: str, inputs: Mapping[str, Any]) -> bool:
        """Whether the name has a random part of the provider's, so that two such resources can be there at once."""
        name = inputs.get(self.property)
        if not isinstance(name, str) or self.kind == "copy":
            return False
        if self.kind == "uuid":
            return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name) is not None
        start = re.escape(self._start(urn))
        return re.fullmatch(f"{start}[0-9a-f]{{{_DIGITS[self.kind]}}}", name) is not None

    def _made_up(self, urn: str, salt: str) -> str:
        if self.kind == "uuid":
            return uuid_of(urn, salt)
        if self.kind == "copy":
            return name_of(urn)
        digits = _DIGITS[self.kind]
        name = self._start(urn) + hex_of(urn, digits, salt)
        if len(name) > self.max_length:
            raise NameTooLong(name_of(urn), digits, self.max_length)
        return name

    def _start(self, urn: str) -> str:
        logical = name_of(urn).lower() if self.lowercase else name_of(urn)
        return f"{logical}-" if self.kind == "dash" else logical
