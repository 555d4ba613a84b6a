"""What a program says while it runs, with nothing secret in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline.refusal import Refusal

MASK = "[secret]"
_SHORTEST_MASKED = 3
_SEVERITIES = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message. ``severity`` is info, warning or error; ``urn`` is the resource it is about, if any."""

    severity: str
    message: str
    urn: str | None = None


class Mask:
    """Replaces secret texts by ``[secret]``. Texts under three characters are left: they are in every word."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._texts: set[str] = set()
        for value in values:
            self.learn(value)

    def learn(self, value: Any) -> None:
        """Remember every text inside a value as secret."""
        if isinstance(value, Secret):
            self.learn(value.reveal())
        elif isinstance(value, str):
            if len(value) >= _SHORTEST_MASKED:
                self._texts.add(value)
        elif isinstance(value, Mapping):
            for item in value.values():
                self.learn(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self.learn(item)
        elif isinstance(value, int | float) and not isinstance(value, bool) and value is not UNKNOWN:
            self.learn(str(value))

    def learn_secrets(self, value: Any) -> None:
        """Remember the secrets inside a value that holds other things too."""
        if isinstance(value, Secret):
            self.learn(value.reveal())
        elif isinstance(value, Mapping):
            for item in value.values():
                self.learn_secrets(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self.learn_secrets(item)

    def __call__(self, text: str) -> str:
        for secret in sorted(self._texts, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def diagnostic(self, diagnostic: Diagnostic) -> Diagnostic:
        return replace(diagnostic, message=self(diagnostic.message))

    def refusal(self, refusal: Refusal) -> Refusal:
        return replace(refusal, reason=self(refusal.reason))


class EngineLog:
    """The part of the engine service that a program calls (``proto/pulumi/engine.proto``): its log."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._root = ""

    def Log(self, request: Any) -> empty_pb2.Empty:
        severity = _SEVERITIES.get(request.severity)
        if severity is not None:
            self.diagnostics.append(Diagnostic(severity, request.message, request.urn or None))
        return empty_pb2.Empty()

    def GetRootResource(self, _request: Any) -> engine_pb2.GetRootResourceResponse:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any) -> engine_pb2.SetRootResourceResponse:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, _request: Any) -> engine_pb2.RequirePulumiVersionResponse:
        return engine_pb2.RequirePulumiVersionResponse()
