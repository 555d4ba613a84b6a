"""The resource graph: what a program declared, as plain data.

Policies, costs, placement and reviews read this and nothing else, so they give the same answer for a plan
made offline and for a deployment seen by the real Pulumi engine. Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


class _Unknown:
    """A value that only the cloud can give: known after ``pulumi up``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN: Final = _Unknown()


class Secret:
    """A value that no output may show. ``reveal()`` is for code that must check it, never for printing."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def reveal(self) -> Any:
        return self._value

    def __repr__(self) -> str:
        return "[secret]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    __hash__ = None  # type: ignore[assignment]


@dataclass(slots=True)
class Resource:
    """One registered resource.

    ``inputs`` hold the names that the provider's schema uses (camelCase), JSON-like values, ``UNKNOWN`` and
    ``Secret``. ``property_dependencies`` maps a top-level input to the URNs that its value came from.
    """

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    stack: str
    parent: str | None = None
    custom: bool = True
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str | None = None
    """URN of the explicit or default provider resource; None for components and providers."""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    outputs: dict[str, Any] = field(default_factory=dict)


class ResourceGraph:
    """Resources in registration order, found by URN, type or parent."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: list[Resource] = list(resources)
        self._by_urn = {r.urn: r for r in self.resources}
        self._by_type: dict[str, list[Resource]] = {}
        for r in self.resources:
            self._by_type.setdefault(r.type, []).append(r)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    def get(self, urn: str | None) -> Resource | None:
        return self._by_urn.get(urn) if urn else None

    def of_type(self, *types: str) -> list[Resource]:
        return [r for t in types for r in self._by_type.get(t, ())]


def plain(value: Any) -> Any:
    """The value as JSON-ready data: unknowns as ``"[unknown]"``, secrets as ``"[secret]"``."""
    if value is UNKNOWN:
        return "[unknown]"
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value
