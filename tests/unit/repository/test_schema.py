"""The JSON Schema of model.yaml that editors read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.environment.patterns import MEANING
from modelyard.repository.declared.formats import FORMATS, declaration_of
from modelyard.repository.schema import model_schema

COMMITTED = Path(__file__).parents[3] / "stacks" / "schema" / "model.schema.json"


def test_committed_schema_is_the_one_of_the_declarations() -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert committed == model_schema(), "write it again with: modelyard schema model"


def test_every_reference_leads_somewhere() -> None:
    schema = model_schema()
    references = {each["$ref"] for each in walk(schema) if "$ref" in each}
    assert len(references) > 50
    for reference in references:
        found: Any = schema
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert isinstance(found, dict)


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_has_its_own_keys_and_refuses_others(format: str) -> None:
    definition = model_schema()["$defs"][declaration_of(format).__name__]
    assert definition["additionalProperties"] is False
    assert definition["properties"].keys() == declaration_of(format).model_fields.keys() | {"models"}


def test_what_every_model_declares_is_described() -> None:
    properties = model_schema()["$defs"]["ModelDeclaration"]["properties"]
    assert [name for name, each in properties.items() if "description" not in each] == []


def test_every_pattern_has_words_for_its_error() -> None:
    patterns = {each["pattern"] for each in walk(model_schema()) if isinstance(each.get("pattern"), str)}
    assert patterns
    assert patterns <= MEANING.keys()


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)
