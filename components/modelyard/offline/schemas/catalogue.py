"""Reads the stored catalogue: one file per SDK module, one line per type, parsed one line at a time.

A file is ``<package>/<module>.jsonl`` and a line ``{"<token or nested name>": {...}}``. A plan that uses forty
resource types parses some two hundred lines and leaves the other eleven thousand on disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .fault import Check
from .shape import Object, ProviderSettings, compiled

FOLDER = Path(__file__).parent / "catalogue"


@cache
def entry(package: str, name: str) -> Mapping[str, Any] | None:
    """What the catalogue holds of one resource (by token) or nested type (by name), or None."""
    text = _module_text(package, module_of(name))
    key = json.dumps(name).encode()
    start = text.find(b"{" + key + b":")
    if start < 0 or (start > 0 and text[start - 1] != 0x0A):
        return None
    end = text.find(b"\n", start)
    return json.loads(text[start:end])[name]


@cache
def check_of(package: str, name: str) -> Check:
    """The compiled check of one resource or nested type. Raises ``KeyError`` for one that is not stored."""
    stored = entry(package, name)
    if stored is None:
        raise KeyError(name)

    def nested(other: str) -> Check:
        return check_of(package, other)

    properties: dict[str, Check] = {}
    for prop, described in stored["properties"].items():
        expression, limits = (described, {}) if isinstance(described, str) else described
        properties[prop] = compiled(expression, _with_choices(limits), nested)
    required = stored.get("required", [])
    if name.startswith("pulumi:providers:"):
        return ProviderSettings(properties, required)
    return Object(properties, required, stored.get("open", False))


def _with_choices(limits: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace ``oneOf``, the name of a long list of values that several properties share, by the list."""
    if "items" in limits:
        return {**limits, "items": _with_choices(limits["items"])}
    return {"enum": choices(limits["oneOf"])} if "oneOf" in limits else limits


@cache
def choices(name: str) -> frozenset[str]:
    """A shared list of allowed values, such as ``ec2_instance_types``."""
    return frozenset(json.loads((FOLDER / "choices" / f"{name}.json").read_bytes()))


def module_of(name: str) -> str:
    """The file that holds a token or nested name: ``ecr``, ``apps/v1``."""
    if ":" not in name:
        return name.rpartition("/")[0]
    package, module, _ = name.split(":", 2)
    if package == "pulumi":
        return "index"
    return module.split("/")[0] if package in ("aws", "gcp") else module


def package_of(token: str) -> str:
    """``aws`` for ``aws:ecr/repository:Repository`` and for ``pulumi:providers:aws``."""
    return token.removeprefix("pulumi:providers:").partition(":")[0]


def names(package: str) -> Iterator[str]:
    """Every token and nested name of a package."""
    for path in sorted((FOLDER / package).rglob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            yield line[2 : line.index(b'"', 2)].decode()


@cache
def built() -> Mapping[str, Any]:
    """What the catalogue was built from: versions, dates and counts."""
    return json.loads((FOLDER / "built.json").read_bytes())


@cache
def _module_text(package: str, module: str) -> bytes:
    path = FOLDER / package / f"{module}.jsonl"
    if ".." in module or not path.is_file():
        return b""
    return path.read_bytes()
