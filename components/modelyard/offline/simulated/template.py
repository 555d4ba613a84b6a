"""Texts with words to fill in: how the ids and outputs of simulated resources are written down as data.

In a template ``{hex8}``, ``{hex17}`` and ``{hex32}`` are digits derived from the URN, ``{uuid}`` likewise,
``{logical}`` is the resource's name in the program, ``{input:path}`` is an input; each cloud adds words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline.simulated.naming import hex_of, uuid_of

_FIELD = re.compile(r"\{(input:)?([A-Za-z0-9.]+)\}")


class Scope:
    """What the words of a template stand for: ``words`` by name, and a resource's inputs."""

    def __init__(self, inputs: Mapping[str, Any], words: dict[str, Any]) -> None:
        self.inputs = inputs
        self.words = words

    def fill(self, template: Any) -> Any:
        """The template with its words replaced, inside lists and objects too.

        A text that is one word alone becomes that word's value, of any type. A text around a secret is secret.
        """
        if isinstance(template, Mapping):
            return {name: self.fill(item) for name, item in template.items()}
        if isinstance(template, list):
            return [self.fill(item) for item in template]
        if not isinstance(template, str):
            return template
        whole = _FIELD.fullmatch(template)
        if whole:
            return self._value(whole)
        secret = False

        def text(field: re.Match[str]) -> str:
            nonlocal secret
            value = self._value(field)
            if isinstance(value, Secret):
                secret, value = True, value.reveal()
            return "" if value is None or value is UNKNOWN else str(value)

        done = _FIELD.sub(text, template)
        return Secret(done) if secret else done

    def _value(self, field: re.Match[str]) -> Any:
        if not field[1]:
            return self.words[field[2]]
        value: Any = self.inputs
        for part in field[2].split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def digits(urn: str, salt: str) -> dict[str, str]:
    """The words that derive from the URN alone."""
    return {**{f"hex{count}": hex_of(urn, count, salt) for count in (8, 17, 32)}, "uuid": uuid_of(urn, salt)}


def plausible(name: str, type_: str) -> Any:
    """A value, or a template of one, of the right type for an output that no table lists."""
    if type_.startswith("["):
        return []
    if type_.startswith("{"):
        return {}
    by_type = {"boolean": False, "integer": 0, "number": 0}
    if type_ in by_type:
        return by_type[type_]
    return f"{name}-{{hex8}}" if type_ == "string" else None
