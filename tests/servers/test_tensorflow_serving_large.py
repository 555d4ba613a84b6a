"""ResNet-50 for real, made by TensorFlow, which takes gigabytes: asked for by MODELYARD_LARGE=1."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.repository.signature.read import ReadTensor
from modelyard.repository.signature.savedmodel import read_savedmodel
from modelyard.serving.local.model_folder import problem
from modelyard.trial.server_home import model_environment

from .conftest import CACHE
from .triton_server import CannotInstall, TritonHome

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(
        os.environ.get("MODELYARD_LARGE") != "1",
        reason="tensorflow takes gigabytes; MODELYARD_LARGE=1 installs it and makes ResNet-50",
    ),
]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "resnet50-local"
SIGNATURE = """\
import json, sys
import tensorflow as tf
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
_, given = signature.structured_input_signature
described = lambda specs: {name: [spec.dtype.name, [-1 if d is None else d for d in spec.shape]]
                           for name, spec in specs.items()}
print(json.dumps([described(given), described(signature.structured_outputs)]))
"""


@pytest.fixture(scope="module")
def tensorflow() -> Path:
    """An interpreter with TensorFlow."""
    try:
        return model_environment(("tensorflow-cpu>=2.16",), CACHE)
    except CannotInstall as error:
        pytest.skip(f"no TensorFlow to make ResNet-50 with: {error}")


@pytest.fixture(scope="module")
def example(tensorflow: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, with its model."""
    folder = tmp_path_factory.mktemp("resnet50") / "resnet50-local"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("1", ".venv", ".training", "golden.json"))
    subprocess.run([tensorflow, folder / "training" / "export.py"], check=True, capture_output=True)
    return folder


def test_the_signature_is_what_tensorflow_reads(tensorflow: Path, example: Path) -> None:
    version = example / "models" / "resnet50" / "1"
    found = read_savedmodel(version, "1")
    assert found.inputs == (ReadTensor("image", "FP32", (-1, 224, 224, 3)),)
    assert found.outputs == (ReadTensor("scores", "FP32", (-1, 1000)),)
    read = subprocess.run([tensorflow, "-c", SIGNATURE, version], check=True, capture_output=True, text=True).stdout
    assert json.loads(read.splitlines()[-1]) == [
        {"image": ["float32", [-1, 224, 224, 3]]},
        {"scores": ["float32", [-1, 1000]]},
    ]


def test_a_container_could_serve_it(example: Path) -> None:
    assert problem(example / "models", "resnet50", "tensorflow_serving", [1]) is None


def test_try_serves_it_without_docker_and_says_by_what(triton_home: TritonHome, example: Path, tmp_path: Path) -> None:
    written = tmp_path / "trial.json"
    command = [
        sys.executable, "-m", "modelyard.cli", "try", "./try/resnet50", "--release", "25.02", "--json", str(written),
    ]  # fmt: skip
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "components"), str(ROOT / "policies"))),
        "MODELYARD_CACHE": str(CACHE),
    }
    done = subprocess.run(command, cwd=example, env=env, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    (golden,) = [line for line in done.stdout.splitlines() if line.startswith("Golden")]
    assert golden == "Golden responses: 1 cases, all as expected"
    said = " ".join(done.stdout.split())
    assert "in a Python backend instead of tensorflow of release 25.02" in said
    assert json.loads(written.read_text(encoding="utf-8"))["substitutes"]
