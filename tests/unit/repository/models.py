"""Small model folders on disk, and what reading and building them says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard.repository.build import build
from modelyard.repository.invalid import InvalidRepository
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.sizing.settings import Settings, StageSettings

RELEASE = "26.07"
FIRST_STEP = """\
format: ensemble
max_batch_size: 64
inputs: [{name: transaction, dtype: FP32, dims: [12]}]
outputs: [{name: score, dtype: FP32, dims: [1]}]
steps:
  - model: preprocess
    inputs: {raw: transaction}
    outputs: {features: features}
"""
"""Lines 1 to 8 of an ensemble."""
ENSEMBLE = (
    FIRST_STEP
    + """\
  - model: classifier
    inputs: {input__0: features}
    outputs: {output__0: score}
models:
  - name: preprocess
    format: python
    max_batch_size: 64
    inputs: [{name: raw, dtype: FP32, dims: [12]}]
    outputs: [{name: features, dtype: FP32, dims: [20]}]
  - name: classifier
    format: fil
    max_batch_size: 128
    inputs: [{name: input__0, dtype: FP32, dims: [20]}]
    outputs: [{name: output__0, dtype: FP32, dims: [1]}]
    parameters: {model_type: xgboost_json, is_classifier: true}
"""
)
ENSEMBLE_FILES = {
    "model.yaml": ENSEMBLE,
    "preprocess/1/model.py": "class TritonPythonModel: ...\n",
    "classifier/1/xgboost.json": "{}\n",
}
SINGLE = """\
format: python
max_batch_size: 16
inputs: [{name: x, dtype: FP32, dims: [4]}]
outputs: [{name: y, dtype: FP32, dims: [2]}]
"""


def folder(root: Path, files: Mapping[str, str | bytes], name: str = "fraud") -> Path:
    """``files`` by their path below ``root/name``."""
    for path, content in files.items():
        target = root / name / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root / name


def repository(root: Path, files: Mapping[str, str | bytes], name: str = "fraud", **options: Any) -> Repository:
    """Read and built."""
    given = {"version": None, "release": RELEASE, **options}
    return build(read(folder(root, files, name), name, boundary=root), **given)


def single(root: Path, more: str = "", **options: Any) -> Any:
    """Configuration of one Python model whose declaration has ``more`` lines."""
    files: dict[str, str | bytes] = {"model.yaml": SINGLE + more, "1/model.py": "class TritonPythonModel: ...\n"}
    return repository(root, files, "tagging", **options).served.config


def problems(root: Path, files: Mapping[str, str | bytes], name: str = "fraud", **options: Any) -> list[str]:
    """The lines that reading and building print; empty where all is right."""
    try:
        repository(root, files, name, **options)
    except InvalidRepository as invalid:
        return str(invalid).splitlines()
    return []


def sized(*stages: StageSettings) -> Settings:
    return Settings(stages)
