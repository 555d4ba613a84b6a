"""JSON Schema of the files of an environment, for editors (draft 2020-12).

An editor can say less than :func:`modelyard.environment.load.load` does: rules between fields and between files are
not in a schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from .declaration import Declaration
from .department import Department
from .descriptions import descriptions
from .platform import Platform

DRAFT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://modelyard.dev/schema"


def platform_schema() -> dict[str, Any]:
    """Of ``platform.yaml``."""
    return _schema(Platform, "platform")


def department_schema() -> dict[str, Any]:
    """Of ``departments/<name>.yaml``."""
    return _schema(Department, "department")


def _schema(declaration: type[Declaration], name: str) -> dict[str, Any]:
    schema = declaration.model_json_schema()
    describe({declaration.__name__: schema, **schema.get("$defs", {})}, [declaration])
    return {
        "$schema": DRAFT,
        "$id": f"{BASE}/{name}.schema.json",
        "title": f"Modelyard {name}",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def describe(definitions: Mapping[str, dict[str, Any]], declarations: Iterable[type[Declaration]]) -> None:
    """Put into the schemas, by the names of their declarations, what fields mean; in place.

    Args:
        definitions: the schema of each declaration.
        declarations: those from which all others are reached.
    """
    seen: set[type] = set()
    known = {each.__name__: each for declaration in declarations for each in _reachable(declaration, seen)}
    for name, content in definitions.items():
        _describe(content, known.get(name))


def _describe(content: dict[str, Any], declaration: type[Declaration] | None) -> None:
    """Put in what the fields mean, and take out the titles that only repeat the fields' names."""
    content.pop("title", None)
    texts = descriptions(declaration) if declaration else {}
    for name, property_schema in content.get("properties", {}).items():
        _without_titles(property_schema)
        if name in texts:
            property_schema["description"] = " ".join(texts[name].replace("``", "`").split())
    if "description" in content:
        content["description"] = " ".join(content["description"].replace("``", "`").split())


def _without_titles(schema: Any) -> None:
    if isinstance(schema, dict):
        schema.pop("title", None)
        for key, value in schema.items():
            if key != "default":
                _without_titles(value)
    elif isinstance(schema, list):
        for value in schema:
            _without_titles(value)


def _reachable(declaration: type[Declaration], seen: set[type]) -> Iterator[type[Declaration]]:
    if declaration in seen:
        return
    seen.add(declaration)
    yield declaration
    for field in declaration.model_fields.values():
        for inner in _declarations(field.annotation):
            yield from _reachable(inner, seen)


def _declarations(annotation: Any) -> Iterator[type[Declaration]]:
    if get_origin(annotation) in (Annotated, Union, UnionType, list, dict):
        for argument in get_args(annotation):
            yield from _declarations(argument)
    elif isinstance(annotation, type) and issubclass(annotation, Declaration):
        yield annotation
