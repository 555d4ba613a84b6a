"""Triton's protobuf costs little, and is the client's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .models import ENSEMBLE_FILES, folder, problems

BUILT = """\
import sys
from pathlib import Path
from modelyard.repository.build import build
from modelyard.repository.load import read
root = Path(sys.argv[1])
repository = build(read(root / "fraud", "fraud", boundary=root), version=1, release="26.07")
heavy = {"numpy", "grpc", "onnx", "pulumi", "tritonclient.grpc._client", "rich"} & sys.modules.keys()
assert not heavy, heavy
from tritonclient.grpc import model_config_pb2
assert type(repository.served.config) is model_config_pb2.ModelConfig
assert model_config_pb2.ModelConfig.FromString(repository.served.config.SerializeToString()) == repository.served.config
"""


def test_building_loads_no_client_and_the_client_has_the_same_message(tmp_path: Path) -> None:
    folder(tmp_path, {**ENSEMBLE_FILES})
    done = subprocess.run([sys.executable, "-c", BUILT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_onnx_package_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    files = {"model.yaml": "format: onnx\nsignature: {onnx: 1/model.onnx}\n", "1/model.onnx": "x"}
    assert problems(tmp_path, files, "tagging") == [
        "tagging/model.yaml:2: signature.onnx: '1/model.onnx' cannot be read, as the package onnx is not installed; "
        "install modelyard[onnx], or type inputs and outputs out instead of signature"
    ]
