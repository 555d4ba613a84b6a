"""Dynamic resources of a Python program (``pulumi-python:dynamic...``), asked as the engine asks them in a preview.

The resource brings its provider along, serialised. The engine's own plugin loads it and calls ``check`` and, where
there is a state, ``diff``; in a preview it never creates, so that what the provider would compute stays unknown. Here
too: the provider runs in this process, and nothing of it that reaches out is ever called.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2

from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.naming import uuid_of
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.unknown_token import UnknownFunction

DYNAMIC_PACKAGE = "pulumi-python"
"""The package that the engine itself serves, with the program's own Python."""
PROVIDER_INPUT = "__provider"
"""The input that holds the serialised provider."""


class DynamicProviders:
    """Whatever providers the resources of one program bring along."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._loaded: dict[str, Any] = {}

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        return Checked(dict(config))

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked:
        if PROVIDER_INPUT not in inputs:
            return Checked(dict(inputs), [Problem("", f"{token} brings no provider along (no {PROVIDER_INPUT!r})")])
        result = self._provider(inputs).check(_told(old_inputs or {}), _told(inputs))
        checked = {name: _as_secret(inputs.get(name), value) for name, value in _heard(result.inputs).items()}
        checked[PROVIDER_INPUT] = inputs[PROVIDER_INPUT]
        return Checked(checked, [Problem(failure.property, failure.reason) for failure in result.failures or ()])

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return dict(inputs)

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        if preview:
            return Created(UNKNOWN, dict(inputs))
        named = getattr(self._provider(inputs), "OUTPUTS", ())
        made = {name: uuid_of(f"{urn}/{name}", replaces) for name in named}
        return Created(uuid_of(urn, replaces), {**made, **inputs})

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        return Created(id_, dict(state))

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        result = self._provider(inputs).diff("", _told(old_inputs), _told(inputs))
        names = inputs.keys() | old_inputs.keys()
        changed = tuple(sorted(name for name in names if inputs.get(name) != old_inputs.get(name)))
        replaces = tuple(sorted(result.replaces or ()))
        return Difference(changed if result.changes else (), replaces, bool(result.delete_before_replace))

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        return {**before.outputs, **inputs}

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing was created, so nothing is left."""

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        raise UnknownFunction(DYNAMIC_PACKAGE, token, [])

    def _provider(self, inputs: Mapping[str, Any]) -> Any:
        """The provider object, loaded and configured once, as the engine's plugin does."""
        import dill
        from pulumi.dynamic import Config, ConfigureRequest
        from pulumi.runtime._serialization import _deserialize

        serialised = wire.revealed(inputs[PROVIDER_INPUT])
        if serialised not in self._loaded:
            provider = _deserialize(lambda: dill.loads(base64.b64decode(serialised)))
            provider.configure(ConfigureRequest(Config(raw_config={}, project_name="")))
            self._loaded[serialised] = provider
        return self._loaded[serialised]


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the plugin gives them to a provider: secrets in the clear, numbers as floats, ``Unknown`` objects."""
    from pulumi.runtime import rpc

    struct = wire.to_struct(wire.revealed(dict(values)))
    return rpc.deserialize_properties(struct, keep_unknowns=True)


def _heard(values: Mapping[str, Any]) -> dict[str, Any]:
    struct = struct_pb2.Struct()
    said = {name: _sentinel(value) for name, value in values.items() if value is not None}
    json_format.ParseDict(said, struct)
    return wire.decode_struct(struct)


def _sentinel(value: Any) -> Any:
    """The SDK's object for what is not known, as the text that stands for it on the wire."""
    from pulumi.output import Unknown
    from pulumi.runtime import rpc

    if isinstance(value, Unknown):
        return rpc.UNKNOWN
    if isinstance(value, Mapping):
        return {name: _sentinel(inner) for name, inner in value.items()}
    return [_sentinel(inner) for inner in value] if isinstance(value, list) else value


def _as_secret(before: Any, after: Any) -> Any:
    """What was secret before the provider saw it is so again: the plugin is not told, the engine remembers."""
    if isinstance(before, Secret):
        return wire.secret(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return {name: _as_secret(before.get(name), value) for name, value in after.items()}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [_as_secret(old, new) for old, new in zip(before, after, strict=True)]
    return after
