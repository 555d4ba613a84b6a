"""The JSON Schemas that editors read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.descriptions import descriptions
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.patterns import MEANING
from modelyard.environment.schema import department_schema, platform_schema

SCHEMAS = {"platform": platform_schema, "department": department_schema}
FOLDER = Path(__file__).parents[3] / "stacks" / "schema"


@pytest.mark.parametrize("name", SCHEMAS)
def test_committed_schema_is_the_one_of_the_declarations(name: str) -> None:
    committed = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert committed == SCHEMAS[name](), f"write it again with: modelyard schema {name}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_mapping_refuses_unknown_keys(name: str) -> None:
    schema = SCHEMAS[name]()
    objects = [each for each in walk(schema) if "properties" in each]
    assert len(objects) > 5
    assert all(each["additionalProperties"] is False for each in objects)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_pattern_has_words_for_its_error(name: str) -> None:
    patterns = {each["pattern"] for each in walk(SCHEMAS[name]()) if isinstance(each.get("pattern"), str)}
    own = {pattern for pattern in patterns if not pattern.startswith("^(?!")}
    assert own
    assert own <= MEANING.keys()


def test_descriptions_come_from_the_source() -> None:
    pool = platform_schema()["$defs"]["GpuPool"]
    assert pool["description"] == "Nodes with one kind of accelerator: the same declaration on EKS, GKE and AKS."
    assert (
        pool["properties"]["disk_gib"]["description"]
        == "Root volume: a Triton image alone unpacks to more than 20 GiB."
    )
    assert descriptions(GpuPool)["repair"] == "Whether the cloud replaces nodes that it finds broken."
    assert pool["properties"]["accelerator"]["enum"].count("T4") == 1


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from walk(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from walk(value)
