"""Names for what a file cannot hold: values that only the cloud knows, and secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...graph import UNKNOWN, Resource, Secret
from ..policy_groups import subject
from ..resource_tree import kind


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One ``${...}`` in a file."""

    text: str
    file: str
    secret: bool
    comes_from: tuple[str, ...]
    """Resources, as type and name, that the property it stands in was made from."""


@dataclass(slots=True)
class Placeholders:
    """All placeholders of a render, in the order in which they were written."""

    found: dict[str, Placeholder] = field(default_factory=dict)

    def filled(self, value: Any, resource: Resource, file: str, path: str = "") -> Any:
        """The value with a placeholder for everything in it that cannot be written."""
        if value is UNKNOWN:
            return self._name(resource, file, path, secret=False)
        if isinstance(value, Secret):
            return self._name(resource, file, path, secret=True)
        if isinstance(value, Mapping):
            return {
                str(key): self.filled(item, resource, file, f"{path}.{key}" if path else str(key))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.filled(item, resource, file, f"{path}[{position}]") for position, item in enumerate(value)]
        return value

    def _name(self, resource: Resource, file: str, path: str, *, secret: bool) -> str:
        text = f"${{{resource.stack}:{kind(resource.type)}/{resource.name}:{path}}}"
        sources = resource.property_dependencies.get(path.partition(".")[0].partition("[")[0], ())
        comes_from = tuple(f"{kind(_type(urn))} {subject(urn)}" for urn in sources)
        self.found.setdefault(text, Placeholder(text, file, secret, comes_from))
        return text


def _type(urn: str) -> str:
    parts = urn.split("::")
    return parts[2].rpartition("$")[2] if len(parts) > 3 else urn
