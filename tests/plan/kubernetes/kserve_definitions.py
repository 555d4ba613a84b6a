"""KServe's own CustomResourceDefinitions, from its Go module, and what they say of a manifest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MODULE = "github.com/kserve/kserve@v0.20.0"
_FOLDER = "config/crd/full"
_QUANTITY = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")


class NoDefinitions(Exception):
    """Why they cannot be had."""


def faults(manifest: Mapping[str, Any]) -> list[str]:
    """What the API server would refuse by the schema: unknown fields, missing ones, wrong types and values.

    Raises:
        NoDefinitions: there is no Go, or no way to its modules.
        KeyError: KServe has no such kind.
    """
    schema = _schemas()[manifest["apiVersion"], manifest["kind"]]
    top = {"apiVersion", "kind", "metadata"}
    return list(_faults({key: value for key, value in manifest.items() if key not in top}, schema, manifest["kind"]))


def kinds() -> set[tuple[str, str]]:
    """Every kind, by apiVersion and kind."""
    return set(_schemas())


@cache
def _schemas() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for path in sorted((_module() / _FOLDER).rglob("serving.kserve.io_*.yaml")):
        definition = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        spec = definition["spec"]
        for version in spec["versions"]:
            if version["served"]:
                schema = version["schema"]["openAPIV3Schema"]
                found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return found


@cache
def _module() -> Path:
    go = shutil.which("go")
    if go is None:
        raise NoDefinitions("there is no go on PATH to fetch KServe's module with")
    command = [go, "mod", "download", "-json", MODULE]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=180, cwd="/", check=False)
    told = json.loads(answer.stdout or "{}")
    if answer.returncode != 0 or "Dir" not in told:
        raise NoDefinitions(f"go mod download {MODULE}: {told.get('Error') or answer.stderr.strip()}")
    return Path(told["Dir"])


def _faults(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if value is None:
        if not schema.get("nullable"):
            yield f"{at} is null"
        return
    if schema.get("x-kubernetes-int-or-string"):
        if not (isinstance(value, int) or (isinstance(value, str) and _fits(value, schema))):
            yield f"{at}: {value!r} is neither a number nor the text that fits"
        return
    yield from _of_kind(value, schema, at)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"


def _of_kind(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "object":
        yield from _of_object(value, schema, at)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{at}: {value!r} is no list"
            return
        if len(value) < schema.get("minItems", 0):
            yield f"{at} has {len(value)} items"
        for number, each in enumerate(value):
            yield from _faults(each, schema["items"], f"{at}[{number}]")
    elif kind == "string":
        if not isinstance(value, str) or not _fits(value, schema):
            yield f"{at}: {value!r} is no text that fits"
    elif kind == "integer":
        if not isinstance(value, int) or isinstance(value, bool) or not _within(value, schema):
            yield f"{at}: {value!r} is no whole number that fits"
    elif kind == "number":
        if not isinstance(value, int | float) or isinstance(value, bool):
            yield f"{at}: {value!r} is no number"
    elif kind == "boolean" and not isinstance(value, bool):
        yield f"{at}: {value!r} is neither true nor false"


def _of_object(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is no mapping"
        return
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name} is missing"
    for name, each in value.items():
        if name in known:
            yield from _faults(each, known[name], f"{at}.{name}")
        elif isinstance(rest, dict):
            yield from _faults(each, rest, f"{at}.{name}")
        elif not (rest or schema.get("x-kubernetes-preserve-unknown-fields")):
            yield f"{at}.{name} is unknown"


def _fits(value: str, schema: Mapping[str, Any]) -> bool:
    pattern = schema.get("pattern")
    if pattern is None:
        return True
    # Python has no possessive group, in which Kubernetes writes the pattern of a quantity.
    found = _QUANTITY.fullmatch(value) if "[numkMGTPE]" in pattern else re.search(pattern, value)
    return found is not None


def _within(value: int, schema: Mapping[str, Any]) -> bool:
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)
