"""CloudFormation's resource schemas, as the ``cfn-lint`` wheel carries them. Only building the catalogue reads them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
LONGEST_PATTERN = 600
MOST_REFERENCES = 8
REPEATED_REPEATS = re.compile(r"\((?:\?:)?(?P<first>\\?.)(?P<rest>(?:[^()\\]|\\.)*[*+?])\)[*+{]")
"""A repeated group that ends in something repeated. Unless a separator starts it, it can take exponential time."""


@dataclass(slots=True)
class Schemas:
    """CloudFormation's schemas by type name."""

    version: str
    date: str
    by_type: dict[str, dict[str, Any]]


def read_schemas() -> Schemas:
    """Read the installed ``cfn-lint``'s schemas. Raises ``ModuleNotFoundError`` when it is not installed."""
    spec = importlib.util.find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed: install it to build the AWS value constraints")
    folder = Path(spec.origin).parent / "data" / "schemas"
    by_type: dict[str, dict[str, Any]] = {}
    for region in REGIONS:
        for type_name, digest in json.loads((folder / "providers" / f"{region}.json").read_bytes()).items():
            if type_name not in by_type:
                by_type[type_name] = json.loads((folder / "resources" / f"{digest}.json").read_bytes())
    date = json.loads((folder / "version.json").read_bytes())["schema_date"][:10]
    return Schemas(importlib.metadata.version("cfn-lint"), date, by_type)


def instance_types() -> list[str]:
    """Every EC2 instance type that some region has."""
    spec = importlib.util.find_spec("cfnlint")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).parent / "data/schemas/extensions/aws_ec2_instance/instancetype_enum.json"
    regions = json.loads(path.read_bytes())
    return sorted({name for region in regions.values() if isinstance(region, dict) for name in region["enum"]})


@dataclass(slots=True)
class Node:
    """A place in a CloudFormation schema."""

    schema: dict[str, Any]
    document: dict[str, Any]

    @property
    def kind(self) -> str:
        kind = self.schema.get("type", "object" if "properties" in self.schema else "")
        return kind if isinstance(kind, str) else ""

    def properties(self) -> dict[str, Node]:
        return {n: self._follow(s) for n, s in self.schema.get("properties", {}).items()}

    def items(self) -> Node | None:
        items = self.schema.get("items")
        return self._follow(items) if isinstance(items, dict) else None

    def at(self, path: str) -> Node | None:
        """Down a path such as ``Logging/EnabledTypes/*/Type``; ``*`` stands for an array's items."""
        node: Node | None = self
        for part in filter(None, path.split("/")):
            if node is not None:
                node = node.items() if part == "*" else node.properties().get(part)
        return node

    def _follow(self, schema: dict[str, Any]) -> Node:
        seen = 0
        while "$ref" in schema and seen < MOST_REFERENCES:
            target: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target | {k: v for k, v in schema.items() if k != "$ref"}
            seen += 1
        return Node(schema, self.document)


def translated(pattern: str) -> str | None:
    """A CloudFormation pattern as Python writes it, never narrower; None where that cannot be said.

    Classes of letters, numbers and separators become ``\\w`` and ``\\s``, which hold them and a little more.
    """
    if len(pattern) > LONGEST_PATTERN:
        return None
    negated = re.search(r"\[\^[^\]]*\\p", pattern)
    text = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    text = text.replace(r"\ud800\udc00-\udbff\udfff", r"\U00010000-\U0010FFFF")
    text = re.sub(r"\\p\{(?:Is)?(?:L|Lu|Ll|N|Nd|Alpha|Alnum|Digit|Letter)\}|\\p[LN]", r"\\w", text)
    text = re.sub(r"\\p\{(?:Is)?(?:Z|Zs|Space)\}|\\pZ", r"\\s", text)
    text = re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", text)
    if any(not _is_separator(m["first"], m["rest"]) for m in REPEATED_REPEATS.finditer(text)):
        return None
    if negated or r"\p" in text.lower() or "&&" in text:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
    except (re.error, Warning, OverflowError):
        return None
    return None if text in ("", ".*", "^.*$", ".+", "[\\s\\S]*") else text


def _is_separator(first: str, rest: str) -> bool:
    """Whether a group's first character is one that cannot also be in the rest of the group."""
    return first not in ("[", ".") and not (len(first) == 2 and first[1].isalnum()) and first[-1] not in rest
