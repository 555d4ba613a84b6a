"""Custom resource definitions as their projects publish them in Go modules, and whether an object fits one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

_SECONDS = 300


def module(path: str, version: str) -> Path:
    """Folder of a Go module. Skips the test where there is no Go, or no module proxy answers."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not on PATH, which fetches custom resource definitions")
    command = [go, "mod", "download", "-json", f"{path}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    answer = json.loads(done.stdout or "{}")
    if "Dir" not in answer:
        pytest.skip(f"{path} cannot be fetched: {answer.get('Error', done.stderr)[:200]}")
    return Path(answer["Dir"])


def schemas(*files: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """By ``apiVersion`` and ``kind``."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for file in files:
        for definition in yaml.safe_load_all(file.read_text()):
            spec = definition["spec"]
            for version in spec["versions"]:
                name = f"{spec['group']}/{version['name']}", spec["names"]["kind"]
                found[name] = version["schema"]["openAPIV3Schema"]
    return found


def problems(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """What an API server with this schema would refuse or drop, of types, required and unknown fields, enumerations."""
    if schema.get("x-kubernetes-int-or-string"):
        return [] if isinstance(value, int | str) else [f"{path}: no number and no text"]
    kinds: dict[str, Any] = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool
    }  # fmt: skip
    kind = schema.get("type")
    if kind in kinds and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{path}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return []
    if isinstance(value, list):
        items = schema.get("items", {})
        return [each for place, one in enumerate(value) for each in problems(one, items, f"{path}[{place}]")]
    if not isinstance(value, dict):
        return []
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    found = [f"{path}.{name}: missing" for name in schema.get("required", []) if name not in value]
    for name, inner in value.items():
        if name in known:
            found += problems(inner, known[name], f"{path}.{name}")
        elif isinstance(rest, dict):
            found += problems(inner, rest, f"{path}.{name}")
        elif (path or name not in ("apiVersion", "kind", "metadata")) and path != ".metadata":
            found.append(f"{path}.{name}: unknown")
    return found
