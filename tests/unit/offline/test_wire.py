"""Values on the wire and in a graph."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Secret
from modelyard.offline import wire
from pulumi.runtime import rpc

ASSET = {rpc._special_sig_key: rpc._special_asset_sig, "text": "weights"}
REFERENCE = {rpc._special_sig_key: rpc._special_resource_sig, "urn": "urn:x"}


@pytest.mark.parametrize(
    "value",
    [
        "text",
        True,
        3,
        2.5,
        None,
        UNKNOWN,
        Secret("s"),
        Secret(UNKNOWN),
        [1, UNKNOWN, Secret([2])],
        {"a": {"b": [Secret({"c": UNKNOWN})]}},
        ASSET,
    ],
)
@pytest.mark.parametrize("output_values", [False, True])
def test_a_value_survives_the_wire(value: Any, output_values: bool) -> None:
    message = wire.to_struct({"value": value}, output_values=output_values)
    back = wire.decode_struct(message)["value"]
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ({**REFERENCE, "id": "vpc-1"}, "vpc-1"),
        ({**REFERENCE, "id": ""}, UNKNOWN),
        ({**REFERENCE, "id": rpc.UNKNOWN}, UNKNOWN),
        (REFERENCE, "urn:x"),
    ],
)
def test_a_resource_reference_becomes_its_id(sent: dict[str, Any], received: Any) -> None:
    assert wire.decode_struct(wire.to_struct({"value": sent}))["value"] == received


def test_dependencies_travel_in_output_values() -> None:
    message = wire.to_struct(
        {"a": "x", "b": Secret("y")}, output_values=True, property_dependencies={"a": ["urn:2", "urn:1"]}
    )
    carried: set[str] = set()
    assert wire.decode_struct(message, carried) == {"a": "x", "b": Secret("y")}
    assert carried == {"urn:1", "urn:2"}


@pytest.mark.parametrize(
    ("value", "unknown", "secret"),
    [
        ({"a": [1]}, False, False),
        ({"a": [UNKNOWN]}, True, False),
        ({"a": [Secret(1)]}, False, True),
        (Secret({"a": UNKNOWN}), True, True),
    ],
)
def test_what_is_inside(value: Any, unknown: bool, secret: bool) -> None:
    assert wire.contains_unknown(value) is unknown
    assert wire.contains_secret(value) is secret
