"""Real servers for the tests marked ``servers``; without them these tests are skipped and say why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .envoy_proxy import EnvoyProxy, install_envoy, model_behind_gateway, proxy
from .triton_server import CannotInstall, TritonHome, TritonServer, install, serve

CACHE = Path(__file__).parents[2] / ".cache"

CONFIG = """\
backend: "python"
max_batch_size: 8
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU }]
dynamic_batching { }
"""
MODEL = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
            if (x < -99).any():
                raise ValueError("far below zero")
            if (x < 0).any():
                answers.append(pb_utils.InferenceResponse(error=pb_utils.TritonError("negative")))
            else:
                answers.append(pb_utils.InferenceResponse([pb_utils.Tensor("y", x * 2)]))
        return answers
"""


@pytest.fixture(scope="session")
def triton_home() -> TritonHome:
    try:
        return install(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Triton server to test against: {error}")


@pytest.fixture(scope="session")
def triton(triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """Serves the model ``doubler``: y = 2x, an error as the answer for a negative x, an exception below -99."""
    folder = tmp_path_factory.mktemp("triton")
    version = folder / "models" / "doubler" / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(MODEL)
    (version.parent / "config.pbtxt").write_text(CONFIG)
    with serve(triton_home, folder / "models", folder / "triton.log") as server:
        yield server


@pytest.fixture(scope="session")
def envoy() -> Path:
    """Envoy's binary."""
    try:
        return install_envoy(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Envoy to test against: {error}")


@pytest.fixture(scope="session")
def gateway(envoy: Path, triton: TritonServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyProxy]:
    """An Envoy with the routes of a model named ``doubler`` of the department ``shop``, before that server."""
    folder = tmp_path_factory.mktemp("envoy")
    with proxy(envoy, model_behind_gateway("doubler"), [triton.running.ports], folder) as running:
        yield running


@pytest.fixture(scope="session")
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not on PATH; Debian's package prometheus has it")
    return found
