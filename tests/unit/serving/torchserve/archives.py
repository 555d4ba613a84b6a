"""Model archives as they should not be."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLASS = "class Handler:\n    def initialize(self, context): ...\n    def handle(self, data, context): ...\n"


def manifest(**changes: Any) -> dict[str, Any]:
    """Of version 2.0 of the model fraud; a change to None takes a key of the model out."""
    model = {
        "modelName": "fraud",
        "modelVersion": "2.0",
        "handler": "handler.py",
        "serializedFile": "fraud.pt",
        **changes,
    }
    return {"runtime": "python", "model": {key: value for key, value in model.items() if value is not None}}


def archive(path: Path, described: Any, files: Mapping[str, str] | None = None) -> Path:
    """An archive with this manifest; by default with a handler and a serialized file."""
    held = {"handler.py": CLASS, "fraud.pt": "weights"} if files is None else files
    with zipfile.ZipFile(path, "w") as written:
        if described is not None:
            text = described if isinstance(described, str) else json.dumps(described)
            written.writestr("MAR-INF/MANIFEST.json", text)
        for name, content in held.items():
            written.writestr(name, content)
    return path
