"""Replies of the monitor, with the fields that the SDK reads and no message to encode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2, resource_pb2


class Answer:
    """To a registration or a read."""

    __slots__ = ("id", "object", "propertyDependencies", "result", "unknown", "urn")

    def __init__(self, urn: str, id_: str, properties: Any, result: Any = resource_pb2.SUCCESS) -> None:
        self.urn = urn
        self.id = id_
        self.object = properties
        self.propertyDependencies = None
        self.result = result
        self.unknown = False

    @property
    def properties(self) -> Any:
        """The same under the name that a reply to a read has."""
        return self.object


def refused(urn: str) -> Answer:
    """The resource failed: the SDK goes on, and all its outputs are unknown."""
    return Answer(urn, "", {}, resource_pb2.FAIL)


class InvokeAnswer:
    """To a function call."""

    def __init__(
        self, result: Mapping[str, Any], failures: Iterable[tuple[str, str]] = (), unknown: bool = False
    ) -> None:
        setattr(self, "return", result)
        self.failures = [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in failures]
        self.unknown = unknown
