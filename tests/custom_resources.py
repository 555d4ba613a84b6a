"""Custom resource definitions as their projects publish them in Go modules, and what they say of a manifest.

For tests without a control plane. What only an API server knows (defaults, rules in CEL, its own kinds) is asked of one
in tests/controlplane.
"""

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

Schemas = Mapping[tuple[str, str], Mapping[str, Any]]
"""By ``apiVersion`` and ``kind``."""

_SECONDS = 300
_QUANTITY = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoDefinitions(Exception):
    """Why they cannot be had."""


def schemas(module: str, version: str, *files: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Of every version that is served, in these files of a Go module.

    Args:
        module: its path.
        version: its version.
        files: patterns below its folder.

    Raises:
        NoDefinitions: there is no Go, no way to its modules, or no such file.
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    root = module_folder(module, version)
    for pattern in files:
        paths = sorted(root.glob(pattern))
        if not paths:
            raise NoDefinitions(f"{module}@{version} has no {pattern}")
        for path in paths:
            for definition in yaml.load_all(path.read_text(encoding="utf-8"), Loader=_LOADER):
                found.update(_versions(definition["spec"]))
    return found


def faults(manifest: Mapping[str, Any], known: Schemas) -> list[str]:
    """What the API server would refuse by the schema, with strict field validation: unknown fields, missing ones,
    wrong types and values. Each begins with the kind and the field's path.

    Raises:
        KeyError: nothing is known of this kind.
    """
    schema = known[manifest["apiVersion"], manifest["kind"]]
    own = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind", "metadata")}
    return list(_faults(own, schema, manifest["kind"]))


def _versions(spec: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for version in spec["versions"]:
        if version["served"]:
            yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), version["schema"]["openAPIV3Schema"]


def module_folder(module: str, version: str) -> Path:
    """Where the files of a Go module are.

    Raises:
        NoDefinitions: there is no Go, or no way to its modules.
    """
    found = _downloaded(module, version)
    if isinstance(found, NoDefinitions):
        raise found
    return found


@cache
def _downloaded(module: str, version: str) -> Path | NoDefinitions:
    """Asked once: a server that says nothing keeps one test waiting, and no other."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        return NoDefinitions(f"there is no go on PATH to fetch {module} with")
    command = [go, "mod", "download", "-json", f"{module}@{version}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, cwd="/", check=False)
    except subprocess.TimeoutExpired:
        return NoDefinitions(f"go mod download {module}@{version}: no answer in {_SECONDS} s")
    told = json.loads(done.stdout or "{}")
    if done.returncode != 0 or "Dir" not in told:
        return NoDefinitions(f"go mod download {module}@{version}: {told.get('Error') or done.stderr.strip()}")
    return Path(told["Dir"])


def _faults(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if value is None:
        if not schema.get("nullable"):
            yield f"{at} is null"
        return
    if schema.get("x-kubernetes-int-or-string"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or (isinstance(value, str) and _fits(value, schema))):
            yield f"{at}: {value!r} is neither a number nor the text that fits"
        return
    yield from _of_type(value, schema, at)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"


def _of_type(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    kind = schema.get("type")
    if kind == "object":
        yield from _of_object(value, schema, at)
    elif kind == "array":
        yield from _of_array(value, schema, at)
    elif kind == "string":
        if not isinstance(value, str) or not _fits(value, schema):
            yield f"{at}: {value!r} is no text that fits"
    elif kind == "integer":
        if not isinstance(value, int) or isinstance(value, bool) or not _within(value, schema):
            yield f"{at}: {value!r} is no whole number that fits"
    elif kind == "number":
        if not isinstance(value, int | float) or isinstance(value, bool) or not _within(value, schema):
            yield f"{at}: {value!r} is no number that fits"
    elif kind == "boolean" and not isinstance(value, bool):
        yield f"{at}: {value!r} is neither true nor false"


def _of_array(value: Any, schema: Mapping[str, Any], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: {value!r} is no list"
        return
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{at} has {len(value)} items"
    for number, each in enumerate(value):
        yield from _faults(each, schema["items"], f"{at}[{number}]")


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
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    pattern = schema.get("pattern")
    if pattern is None:
        return True
    # Python has no possessive group, in which Kubernetes writes the pattern of a quantity.
    found = _QUANTITY.fullmatch(value) if "[numkMGTPE]" in pattern else re.search(pattern, value)
    return found is not None


def _within(value: float, schema: Mapping[str, Any]) -> bool:
    return schema.get("minimum", value) <= value <= schema.get("maximum", value)
