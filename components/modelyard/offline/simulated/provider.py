"""What a simulated provider offers: the life of a resource as pure functions over dicts.

The same instance answers the offline engine in this process and, served by ``modelyard.offline.provider``, the
real one. Values are JSON-like, ``UNKNOWN`` and ``Secret``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelyard.offline.schemas import Problem


@dataclass(slots=True)
class Checked:
    """Inputs with the provider's defaults and names filled in, and what is wrong with them."""

    inputs: dict[str, Any]
    problems: Sequence[Problem] = ()


@dataclass(slots=True)
class Created:
    """A resource after create or read. ``id`` is UNKNOWN in a preview."""

    id: Any
    outputs: dict[str, Any]


@dataclass(slots=True)
class Difference:
    """Top-level inputs that changed, and those among them that only a replacement can change."""

    changed: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    delete_first: bool = False
    """The replacement would have the old one's name, so the old one has to go before it comes."""


@dataclass(slots=True)
class Before:
    """A resource as it was before an update: the inputs that it was given and the outputs that it had."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


@dataclass(slots=True)
class Invoked:
    """A function's result. ``outputs`` is UNKNOWN where only the cloud could answer."""

    outputs: Any
    problems: Sequence[Problem] = field(default=())


class SimulatedProvider(Protocol):
    """One configured provider instance: an account and region, or a cluster.

    ``replaces`` is the id of the resource that the checked or created one is to replace, if any: names and ids that a
    cloud makes up differ from the old ones.
    """

    def __init__(self, config: Mapping[str, Any]) -> None: ...

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        """The provider's own inputs."""
        ...

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked: ...

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with those marked secret that are so by their type."""
        ...

    def create(
        self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = ""
    ) -> Created: ...

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created: ...

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference: ...

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        """The outputs after an update in place: those of before, but for what the new inputs move."""
        ...

    def delete(self, token: str, urn: str, id_: str) -> None: ...

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked: ...
