"""JSON Schema of ``model.yaml``, for editors (draft 2020-12).

An editor can say less than :func:`modelyard.repository.load.read` does: rules between fields, between models and
between the declaration and the files are not in a schema.
"""

from __future__ import annotations

from typing import Any

from ..environment.schema import BASE, DRAFT, describe
from .declared.formats import FORMATS, declaration_of
from .declared.model import ModelDeclaration
from .declared.reference import ReferencedModel


def model_schema() -> dict[str, Any]:
    """Of ``model.yaml``: which keys there are follows from ``format``."""
    from pydantic.json_schema import models_json_schema

    classes = list(dict.fromkeys(declaration_of(format) for format in FORMATS))
    _, schema = models_json_schema([(each, "validation") for each in (ModelDeclaration, *classes, ReferencedModel)])
    definitions: dict[str, Any] = schema["$defs"]
    describe(definitions, [ModelDeclaration, *classes, ReferencedModel])
    common = definitions["ModelDeclaration"]["properties"]
    common["models"] = {
        "type": "array",
        "description": "Composing models, in the file's own model only.",
        "items": {"$ref": "#/$defs/ComposingModel"},
    }
    for each in classes:
        own = definitions[each.__name__]["properties"]
        shared = [name for name in common if name not in each.__annotations__]
        own.update({name: {"$ref": f"#/$defs/ModelDeclaration/properties/{name}"} for name in shared})
    definitions["FileModel"] = {
        "type": "object",
        "required": ["format"],
        "allOf": [
            {"properties": {"format": {"enum": list(FORMATS)}}},
            *(
                {
                    "if": {"properties": {"format": {"const": format}}, "required": ["format"]},
                    "then": {"$ref": f"#/$defs/{declaration_of(format).__name__}"},
                }
                for format in FORMATS
            ),
        ],
    }
    definitions["ComposingModel"] = {
        "if": {"required": ["format"]},
        "then": {"$ref": "#/$defs/FileModel", "required": ["name"]},
        "else": {"$ref": "#/$defs/ReferencedModel"},
    }
    return {
        "$schema": DRAFT,
        "$id": f"{BASE}/model.schema.json",
        "title": "Modelyard model",
        "$ref": "#/$defs/FileModel",
        "$defs": dict(sorted(definitions.items())),
    }
