"""The environment of docs/accelerators.md, with files in place of its models."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONFIG = """\
name: "search"
backend: "python"
max_batch_size: 8
input [{ name: "tokens", data_type: TYPE_INT64, dims: [ 128 ] }]
output [{ name: "vector", data_type: TYPE_FP32, dims: [ 384 ] }]
instance_group [{ kind: KIND_MODEL }]
"""
_CODE = "class TritonPythonModel:\n    def execute(self, requests):\n        return [None for _ in requests]\n"


def accelerators_project(folder: Path) -> Path:
    """Write the project into an empty folder; gives the environment's."""
    environment = folder / "stacks" / "prod"
    (environment / "departments").mkdir(parents=True)
    for path, text in _BLOCK.findall((ROOT / "docs" / "accelerators.md").read_text(encoding="utf-8")):
        (environment / path).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    shutil.copy(ROOT / "stacks" / "__main__.py", folder / "stacks")
    (folder / "stacks" / "Pulumi.prod.yaml").write_text(
        "config:\n  modelyard:platform: prod\n  modelyard:layer: all\n", encoding="utf-8"
    )
    models = folder / "stacks" / "models"
    (models / "search" / "1").mkdir(parents=True)
    (models / "search" / "config.pbtxt").write_text(_CONFIG, encoding="utf-8")
    (models / "search" / "1" / "model.py").write_text(_CODE, encoding="utf-8")
    for name in ("answers", "vision", "speech"):
        (models / name / "1").mkdir(parents=True)
        with zipfile.ZipFile(models / name / "1" / f"{name}.mar", "w") as archive:
            named = {"modelName": name, "modelVersion": "1.0", "handler": "handler.py"}
            archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
            archive.writestr("handler.py", "def handle(data, context):\n    return data\n")
    return environment
