"""Substitutes answer as the backends do whose place they take. Their libraries make the models and say the answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.trial.local_server import installed, started
from modelyard.trial.packages import CannotInstall
from modelyard.trial.result import ServedBy
from modelyard.trial.server import RunningServer
from modelyard.trial.server_home import model_environment
from modelyard.trial.substitution import substituted

from .conftest import CACHE
from .triton_server import TritonHome, fetch

pytestmark = pytest.mark.servers
Served = tuple[RunningServer, tuple[ServedBy, ...], tuple[str, ...]]
"""The server, the substitutes, and the models that were moved from a GPU."""
RELEASE = "26.07"
ROWS = [[0.1, 2.0, -1.0], [1.5, -0.5, 0.3], [-2.0, 0.2, 1.1], [0.0, 0.0, 0.0], [3.0, 1.0, -2.5]]

FIL = """\
format: fil
max_batch_size: 16
inputs: [{{name: input__0, dtype: FP32, dims: [3]}}]
outputs: [{{name: output__0, dtype: FP32, dims: [{columns}]}}]
instances: [{{kind: {kind}, count: 1}}]
parameters: {{model_type: {model_type}, is_classifier: {classifier}{more}}}
"""
TENSORS = """\
format: {format}
max_batch_size: 16
inputs: [{{name: x, dtype: FP32, dims: [3]}}]
outputs: [{{name: y, dtype: FP32, dims: [1]}}]
instances: [{{kind: cpu}}]
"""


def fil(model_type: str, classifier: bool, columns: int = 1, more: str = "", kind: str = "cpu") -> str:
    return FIL.format(model_type=model_type, classifier=str(classifier).lower(), columns=columns, more=more, kind=kind)


DECLARED = {
    "xgb_score": fil("xgboost_json", True, 1, ", predict_proba: true", kind="gpu"),
    "xgb_scores": fil("xgboost_json", True, 2, ", predict_proba: true"),
    "xgb_class": fil("xgboost_json", True, 1, ", threshold: 0.3"),
    "xgb_three": fil("xgboost_ubj", True, 3, ", predict_proba: true"),
    "xgb_which": fil("xgboost_ubj", True),
    "xgb_value": fil("xgboost_json", False),
    "lgb_score": fil("lightgbm", True, 1, ", predict_proba: true"),
    "linear": TENSORS.format(format="onnx"),
    "doubled": TENSORS.format(format="openvino").replace("dims: [1]", "dims: [3]"),
}

XGBOOST = """\
import json, sys
import numpy, xgboost

folder, rows = sys.argv[1], numpy.array(json.loads(sys.argv[2]), dtype=numpy.float32)
random = numpy.random.default_rng(7)
x = random.normal(size=(400, 3)).astype(numpy.float32)
three = numpy.digitize(x[:, 0] + x[:, 1], [-0.7, 0.7])
known = {}
for name, objective, y, extra in (
    ("binary", "binary:logistic", x[:, 0] > x[:, 1], {}),
    ("three", "multi:softmax", three, {"num_class": 3}),
    ("value", "reg:squarederror", x[:, 0] * 3, {}),
):
    booster = xgboost.train({"objective": objective, "max_depth": 3, **extra}, xgboost.DMatrix(x, y), 5)
    booster.save_model(f"{folder}/{name}.json")
    booster.save_model(f"{folder}/{name}.ubj")
    known[name] = booster.predict(xgboost.DMatrix(rows)).tolist()
print(json.dumps(known))
"""
LIGHTGBM = """\
import json, sys
import lightgbm, numpy

folder, rows = sys.argv[1], numpy.array(json.loads(sys.argv[2]), dtype=numpy.float32)
x = numpy.random.default_rng(7).normal(size=(400, 3))
settings = {"objective": "binary", "verbose": -1, "num_leaves": 7}
booster = lightgbm.train(settings, lightgbm.Dataset(x, x[:, 0] > x[:, 1]), 5)
booster.save_model(f"{folder}/model.txt")
print(json.dumps({"lgb": booster.predict(rows).tolist()}))
"""
OPENVINO = """\
import json, sys
import numpy, openvino
from openvino import opset13

x = opset13.parameter([-1, 3], numpy.float32, name="x")
y = opset13.multiply(x, numpy.array([[2.0]], dtype=numpy.float32))
y.output(0).get_tensor().set_names({"y"})
openvino.save_model(openvino.Model([y], [x], "doubled"), f"{sys.argv[1]}/model.xml", compress_to_fp16=False)
print(json.dumps({}))
"""
NEEDS = {"xgboost-cpu>=3.0": XGBOOST, "lightgbm>=4.5": LIGHTGBM, "openvino>=2024.6": OPENVINO}
FILES = {
    "xgb_score": ("binary.json", "xgboost.json"),
    "xgb_scores": ("binary.json", "xgboost.json"),
    "xgb_class": ("binary.json", "xgboost.json"),
    "xgb_three": ("three.ubj", "xgboost.ubj"),
    "xgb_which": ("three.ubj", "xgboost.ubj"),
    "xgb_value": ("value.json", "xgboost.json"),
    "lgb_score": ("model.txt", "model.txt"),
    "linear": ("model.onnx", "model.onnx"),
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Folder of the model files, and what their libraries answer to ROWS."""
    folder = tmp_path_factory.mktemp("made")
    answers: dict[str, Any] = {}
    for requirement, script in NEEDS.items():
        try:
            python = model_environment((requirement,), CACHE)
        except CannotInstall as error:
            pytest.skip(f"{requirement} is not to be had: {error}")
        command = [str(python), "-c", script, str(folder), json.dumps(ROWS)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        answers |= json.loads(done.stdout.splitlines()[-1])
    _linear(folder / "model.onnx")
    return folder, answers


@pytest.fixture(scope="module")
def server(
    known: tuple[Path, dict[str, Any]], triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """All of them side by side."""
    folder = tmp_path_factory.mktemp("models")
    models = []
    for name, text in DECLARED.items():
        version = folder / name / "1"
        version.mkdir(parents=True)
        (version.parent / "model.yaml").write_text(text)
        made, file = FILES.get(name, ("model.xml", "model.xml"))
        shutil.copy(known[0] / made, version / file)
        if name == "doubled":
            shutil.copy(known[0] / "model.bin", version)
        models += build(read(version.parent, name, boundary=folder), version=None, release=RELEASE).models
    trial = substituted(Repository("linear", tuple(models)), release=RELEASE)
    local = installed(trial, CACHE)
    with started(local) as running:
        yield running, local.served_by, trial.moved


def answer(server: RunningServer, model: str, rows: list[list[float]], name: str = "input__0") -> list[list[float]]:
    tensor = {"name": name, "shape": [len(rows), 3], "datatype": "FP32", "data": rows}
    body = json.dumps({"inputs": [tensor]}).encode()
    status, text = fetch(f"http://{server.http_url}/v2/models/{model}/infer", body)
    assert status == 200, text
    (output,) = json.loads(text)["outputs"]
    count, columns = output["shape"]
    assert count == len(rows)
    return [output["data"][at : at + columns] for at in range(0, len(output["data"]), columns)]


def test_each_is_named_with_its_version(
    server: Served,
) -> None:
    _, served_by, moved = server
    assert {each.substitute.model: each.substitute.engine.name for each in served_by} == {
        **{name: "xgboost" for name in DECLARED if name.startswith("xgb_")},
        "lgb_score": "lightgbm",
        "linear": "onnxruntime",
        "doubled": "openvino",
    }
    assert all(each.version[0].isdigit() for each in served_by)
    assert {each.substitute.backend for each in served_by} == {"fil", "onnxruntime", "openvino"}
    assert moved == ("xgb_score",)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        pytest.param("xgb_score", lambda known: [[p] for p in known["binary"]], id="score of the second class"),
        pytest.param("xgb_scores", lambda known: [[1 - p, p] for p in known["binary"]], id="score of either class"),
        pytest.param("xgb_class", lambda known: [[float(p > 0.3)] for p in known["binary"]], id="class by threshold"),
        pytest.param("xgb_which", lambda known: [[which] for which in known["three"]], id="class of three"),
        pytest.param("xgb_value", lambda known: [[value] for value in known["value"]], id="value"),
        pytest.param("lgb_score", lambda known: [[p] for p in known["lgb"]], id="LightGBM"),
    ],
)
def test_a_forest(
    server: Served,
    known: tuple[Path, dict[str, Any]],
    model: str,
    expected: Any,
) -> None:
    got = answer(server[0], model, ROWS)
    for row, wanted in zip(got, expected(known[1]), strict=True):
        assert row == pytest.approx(wanted, rel=1e-5, abs=1e-6)


def test_scores_of_three_classes_sum_to_one(server: Served, known: tuple[Path, dict[str, Any]]) -> None:
    got = answer(server[0], "xgb_three", ROWS)
    assert [sum(row) for row in got] == pytest.approx([1] * len(ROWS))
    assert [row.index(max(row)) for row in got] == known[1]["three"]


def test_onnx(server: Served) -> None:
    got = answer(server[0], "linear", ROWS, "x")
    assert [row[0] for row in got] == pytest.approx([2 * a - b + 0.5 * c + 1 for a, b, c in ROWS], abs=1e-5)


def test_openvino(server: Served) -> None:
    got = answer(server[0], "doubled", ROWS, "x")
    assert [value for row in got for value in row] == pytest.approx([2 * value for row in ROWS for value in row])


def test_a_model_that_its_library_refuses_says_why(
    server: Served,
) -> None:
    tensor = {"name": "x", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4]}
    body = json.dumps({"inputs": [tensor]}).encode()
    status, text = fetch(f"http://{server[0].http_url}/v2/models/linear/infer", body)
    assert status == 400
    assert "shape" in text


def _linear(path: Path) -> None:
    """y = 2a - b + c/2 + 1"""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed, so that no ONNX model can be made")
    from onnx import TensorProto, helper

    weights = helper.make_tensor("w", TensorProto.FLOAT, [3, 1], [2.0, -1.0, 0.5])
    bias = helper.make_tensor("b", TensorProto.FLOAT, [1], [1.0])
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w", "b"], ["y"])],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])],
        [weights, bias],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, os.fspath(path))
