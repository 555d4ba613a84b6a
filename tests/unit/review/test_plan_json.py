"""The plan for programs."""

from __future__ import annotations

import json

from modelyard.graph import UNKNOWN, Secret
from modelyard.review.plan_json import lines, to_json

from .retailer import PLANTED, retailer


def test_its_keys_and_what_they_hold() -> None:
    document = to_json(retailer())
    promised = "environment stacks resources policies costs placement outputs notices budgets version"
    assert set(document) >= set(promised.split())
    assert document["stacks"][0] == {"name": "prod-foundation", "layer": "foundation", "resources": 12}
    assert document["policies"][1]["level"] == "mandatory"
    assert document["costs"]["monthly"] == {
        "total": 9876.54,
        "departments": {"merchandising": 4321.09, "supply-chain": 800.0},
        "shared": 3755.45,
        "idle": 1000.0,
    }
    assert document["costs"]["at_max"] == 15000.0
    assert document["outputs"]["prod-foundation"] == {"endpoint": "[unknown]", "token": "[secret]"}
    assert document["models"][0]["places"][0]["predicted_p99_ms"] == 42.7
    assert {"urn", "type", "name", "parent", "inputs", "dependencies", "stack"} <= set(document["resources"][0])


def test_its_text_is_the_same_data_with_a_resource_a_line() -> None:
    text = "".join(lines(retailer()))
    assert json.loads(text) == to_json(retailer())
    resources = [line for line in text.splitlines() if line.startswith('    {"urn"')]
    assert len(resources) == len(to_json(retailer())["resources"])
    assert text == "".join(lines(retailer()))


def test_it_shows_no_secret() -> None:
    assert PLANTED not in "".join(lines(retailer()))


def test_unknown_and_secret_values_wherever_they_are() -> None:
    document = retailer(outputs={"s": {"a": [UNKNOWN, {"b": Secret({"c": PLANTED})}]}})
    assert to_json(document)["outputs"] == {"s": {"a": ["[unknown]", {"b": "[secret]"}]}}
