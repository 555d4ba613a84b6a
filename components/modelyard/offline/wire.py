"""Property values between the Pulumi SDK's wire form and the plain data of a resource graph.

On the wire unknowns are one well-known string, and secrets, assets, resource references and output values are
maps under one well-known key (`sdk/go/common/resource/properties.go` of pulumi/pulumi). In a graph they are
``UNKNOWN``, ``Secret``, the map itself (assets, archives), an id and the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from typing import Any

from google.protobuf import struct_pb2
from pulumi.output import Unknown
from pulumi.runtime import rpc

from modelyard.graph import UNKNOWN, Secret

_SIGNATURE = rpc._special_sig_key
_SECRET = rpc._special_secret_sig
_REFERENCE = rpc._special_resource_sig
_OUTPUT = rpc._special_output_value_sig
UNKNOWN_TEXT = rpc.UNKNOWN
_SDK_UNKNOWN = Unknown()


def decode_struct(struct: struct_pb2.Struct, dependencies: set[str] | None = None) -> dict[str, Any]:
    """A message's properties as graph data, by name (a message keeps no order).

    The URNs that output values name are added to ``dependencies``.
    """
    return {intern(name): decode(value, dependencies) for name, value in sorted(struct.fields.items())}


def decode(value: struct_pb2.Value, dependencies: set[str] | None = None) -> Any:
    """One value of a message as graph data. Whole numbers come back as int, as JSON prints them.

    Each text is kept once however many resources have it: names of properties, labels, URNs.
    """
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text == UNKNOWN_TEXT else intern(text)
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields:
            return _decode_signed(fields, dependencies)
        return {intern(name): decode(item, dependencies) for name, item in sorted(fields.items())}
    if kind == "list_value":
        return [decode(item, dependencies) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def _decode_signed(fields: Mapping[str, struct_pb2.Value], dependencies: set[str] | None) -> Any:
    signature = fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return secret(decode(fields["value"], dependencies))
    if signature == _REFERENCE:
        reference = decode(fields["id"]) if "id" in fields else fields["urn"].string_value
        return UNKNOWN if reference == "" else reference
    if signature == _OUTPUT:
        if dependencies is not None and "dependencies" in fields:
            dependencies.update(item.string_value for item in fields["dependencies"].list_value.values)
        inner = decode(fields["value"], dependencies) if "value" in fields else UNKNOWN
        return secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    return {name: decode(item, dependencies) for name, item in fields.items()}


def secret(value: Any) -> Secret:
    """The value marked secret, once."""
    return value if isinstance(value, Secret) else Secret(value)


def for_sdk(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Graph data in the form that the Python SDK has after it has read a reply from a monitor."""
    return {name: _sdk_value(value) for name, value in properties.items()}


def _sdk_value(value: Any) -> Any:
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if value is UNKNOWN:
        return _SDK_UNKNOWN
    if isinstance(value, Secret):
        return rpc.wrap_rpc_secret(_unwrapped(_sdk_value(value.reveal())))
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return rpc.deserialize_property(to_struct(value))
        items = {name: _sdk_value(item) for name, item in value.items()}
        if any(map(rpc.is_rpc_secret, items.values())):
            return rpc.wrap_rpc_secret({name: _unwrapped(item) for name, item in items.items()})
        return items
    items = [_sdk_value(item) for item in value]
    if any(map(rpc.is_rpc_secret, items)):
        return rpc.wrap_rpc_secret([_unwrapped(item) for item in items])
    return items


def _unwrapped(value: Any) -> Any:
    return rpc.unwrap_rpc_secret(value)


def to_struct(
    properties: Mapping[str, Any],
    *,
    output_values: bool = False,
    property_dependencies: Mapping[str, Iterable[str]] | None = None,
) -> struct_pb2.Struct:
    """Graph data as a message.

    With ``output_values`` unknowns and secrets are sent as output values, and each property that has an entry in
    ``property_dependencies`` becomes one that carries it.
    """
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        encoded = _wire_value(value, output_values)
        urns = list((property_dependencies or {}).get(name, ()))
        if output_values and urns:
            if not (isinstance(encoded, dict) and encoded.get(_SIGNATURE) == _OUTPUT):
                encoded = {_SIGNATURE: _OUTPUT, "value": encoded}
            encoded["dependencies"] = sorted(urns)
        struct[name] = encoded
    return struct


def _wire_value(value: Any, output_values: bool) -> Any:
    if value is UNKNOWN:
        return {_SIGNATURE: _OUTPUT} if output_values else UNKNOWN_TEXT
    if isinstance(value, Secret):
        inner = value.reveal()
        if not output_values:
            return {_SIGNATURE: _SECRET, "value": _wire_value(inner, False)}
        known = {} if inner is UNKNOWN else {"value": _wire_value(inner, True)}
        return {_SIGNATURE: _OUTPUT, "secret": True, **known}
    if isinstance(value, Mapping):
        return {name: _wire_value(item, output_values) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_wire_value(item, output_values) for item in value]
    return value


def contains_unknown(value: Any) -> bool:
    """Whether an unknown is anywhere inside, secrets included."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Secret):
        return contains_unknown(value.reveal())
    if isinstance(value, Mapping):
        return any(map(contains_unknown, value.values()))
    return isinstance(value, list | tuple) and any(map(contains_unknown, value))


def contains_secret(value: Any) -> bool:
    """Whether a secret is anywhere inside."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(map(contains_secret, value.values()))
    return isinstance(value, list | tuple) and any(map(contains_secret, value))


def revealed(value: Any) -> Any:
    """The value with its secrets laid open, for code that checks or computes and never prints."""
    if isinstance(value, Secret):
        return revealed(value.reveal())
    if isinstance(value, Mapping):
        return {name: revealed(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(item) for item in value]
    return value
