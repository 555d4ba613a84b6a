"""Signatures read from an ONNX file or an MLflow model, beside what is typed."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.signature.mlflow import read_mlflow
from modelyard.repository.signature.onnx import read_onnx
from modelyard.repository.signature.read import ReadTensor, UnreadableSignature

from .models import problems, repository

onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
MLFLOW = Path(__file__).with_name("mlflow")
"""Written by mlflow-skinny 3.17.2: ``Model(signature=...).save("MLmodel")``."""
STACKS = Path(__file__).parents[3] / "stacks" / "models"

Spec = tuple[str, int, Sequence[int | str] | None]


def model(inputs: Sequence[Spec], outputs: Sequence[Spec], weights: Sequence[Any] = ()) -> Any:
    """An ONNX model that hands nothing on: Triton's question is what its graph takes and gives."""
    values = [onnx.helper.make_tensor_value_info(*spec) for spec in (*inputs, *outputs)]
    graph = onnx.helper.make_graph([], "g", values[: len(inputs)], values[len(inputs) :], initializer=list(weights))
    return onnx.helper.make_model(graph)


FLOAT = 1
PLAIN = model([("x", FLOAT, ["batch", 12])], [("y", FLOAT, ["batch", 1]), ("label", 7, ["batch"])]).SerializeToString()


def declared(more: str = "", signature: str = "onnx: 1/model.onnx", batch: int = 8) -> str:
    return f"format: onnx\nmax_batch_size: {batch}\nsignature: {{{signature}}}\n{more}"


def tensors(config: Any) -> list[str]:
    return [
        " ".join(str(part) for part in (each.name, each.data_type, list(each.dims), *reshaped(each)))
        for each in (*config.input, *config.output)
    ]


def reshaped(tensor: Any) -> list[list[int]]:
    return [list(tensor.reshape.shape)] if tensor.HasField("reshape") else []


READ = {
    "dimensions that vary": (PLAIN, "", 8, ["x 11 [12]", "y 11 [1]", "label 9 [1] []"]),
    "no batches": (PLAIN, "", 0, ["x 11 [-1, 12]", "y 11 [-1, 1]", "label 9 [-1]"]),
    "a typed one stands, the rest is read": (
        PLAIN,
        "inputs: [{name: x, dtype: FP32, dims: [3, 4], reshape: {shape: [12]}, allow_ragged_batch: true}]\n",
        8,
        ["x 11 [3, 4] [12]", "y 11 [1]", "label 9 [1] []"],
    ),
    "a typed size where the file has any": (
        model([("x", FLOAT, ["batch", "time", 3])], [("y", FLOAT, ["batch", 1])]).SerializeToString(),
        "inputs: [{name: x, dtype: FP32, dims: [16, 3]}]\n",
        8,
        ["x 11 [16, 3]", "y 11 [1]"],
    ),
    "weights that are inputs too are none": (
        model(
            [("x", FLOAT, ["b", 2]), ("w", FLOAT, [2])],
            [("y", 10, ["b", 2])],
            [onnx.helper.make_tensor("w", FLOAT, [2], [1.0, 2.0])],
        ).SerializeToString(),
        "",
        8,
        ["x 11 [2]", "y 10 [2]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_inputs_and_outputs_are_those_of_the_file(tmp_path: Path, case: str) -> None:
    content, more, batch, expected = READ[case]
    files: dict[str, str | bytes] = {"model.yaml": declared(more, batch=batch), "1/model.onnx": content}
    assert tensors(repository(tmp_path, files, "tagging").served.config) == expected


WRONG = {
    "another dtype and size": (
        PLAIN,
        "inputs: [{name: x, dtype: FP64, dims: [13]}]\n",
        ["4: inputs[0]: input 'x' is typed FP64 [13], and '1/model.onnx' says FP32 [12]; make them agree, or delete "
         "the typed one"],
    ),
    "reshaped to another size": (
        PLAIN,
        "inputs: [{name: x, dtype: FP32, dims: [3, 4], reshape: {shape: [3, 4]}}]\n",
        ["4: inputs[0]: input 'x' is typed FP32 [3, 4] after reshape, and '1/model.onnx' says FP32 [12]; make them "
         "agree, or delete the typed one"],
    ),
    "a size that varies where the file has one": (
        PLAIN,
        "outputs: [{name: y, dtype: FP32, dims: [-1]}]\n",
        ["4: outputs[0]: output 'y' is typed FP32 [-1], and '1/model.onnx' says FP32 [1]; make them agree, or delete "
         "the typed one"],
    ),
    "a name that the file does not have": (
        PLAIN,
        "outputs: [{name: labels, dtype: INT64, dims: [1]}]\n",
        ["4: outputs[0].name: output 'labels' is typed, and '1/model.onnx' has none of that name; did you mean "
         "'label'?"],
    ),
    "no batches": (
        model([("x", FLOAT, [1, 12])], [("y", FLOAT, ["b", 1])]).SerializeToString(),
        "",
        ["2: max_batch_size: input 'x' of '1/model.onnx' has the first dimension 1, so the model takes no batches: "
         "delete max_batch_size, or export the model with a first dimension that varies"],
    ),
    "a shape that is not said": (
        model([("x", FLOAT, None)], [("y", FLOAT, ["b", 1])]).SerializeToString(),
        "",
        ["1: inputs: '1/model.onnx' does not say the shape of input 'x'; type it out"],
    ),
    "a type that Triton lacks": (
        model([("x", 14, ["b", 1])], [("y", FLOAT, ["b", 1])]).SerializeToString(),
        "",
        ["3: signature.onnx: '1/model.onnx' has 'x' of type COMPLEX64, which Triton does not have"],
    ),
    "no ONNX at all": (
        b"not a model",
        "",
        ["3: signature.onnx: '1/model.onnx' is not an ONNX model, or is cut off: its protobuf cannot be read"],
    ),
    "cut off": (
        PLAIN[:-20],
        "",
        ["3: signature.onnx: '1/model.onnx' is not an ONNX model, or is cut off: its protobuf cannot be read"],
    ),
    "empty": (b"", "", ["3: signature.onnx: '1/model.onnx' is not an ONNX model: it holds no graph"]),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_disagrees_with_the_file_is_told_with_both(tmp_path: Path, case: str) -> None:
    content, more, expected = WRONG[case]
    files: dict[str, str | bytes] = {"model.yaml": declared(more), "1/model.onnx": content}
    assert problems(tmp_path, files, "tagging") == [f"tagging/model.yaml:{line}" for line in expected]


@pytest.mark.parametrize("name", ["demand-forecasting", "product-tagging", "review-analysis"])
def test_a_signature_is_what_onnx_itself_reads(name: str) -> None:
    path = STACKS / name / "1" / "model.onnx"
    whole = onnx.load(path, load_external_data=False)
    names = {each.name for each in whole.graph.initializer}
    found = read_onnx(path, "model.onnx")
    assert [each.name for each in found.inputs] == [each.name for each in whole.graph.input if each.name not in names]
    assert [each.name for each in found.outputs] == [each.name for each in whole.graph.output]
    assert [len(each.shape or ()) for each in found.outputs] == [
        len(each.type.tensor_type.shape.dim) for each in whole.graph.output
    ]


def test_every_cut_of_a_model_is_refused_or_read(tmp_path: Path) -> None:
    """No content makes reading run away or fail in another way."""
    path = tmp_path / "model.onnx"
    path.write_bytes(PLAIN)
    whole = read_onnx(path, "m").inputs
    outcomes = set()
    for length in range(len(PLAIN)):
        path.write_bytes(PLAIN[:length])
        try:
            outcomes.add(read_onnx(path, "m").inputs)
        except UnreadableSignature:
            outcomes.add("refused")
    assert outcomes == {"refused", whole}  # what is cut off behind the graph is not missed


def test_weights_are_passed_over(tmp_path: Path) -> None:
    weights = onnx.TensorProto(name="w", data_type=FLOAT, dims=[16 * 1024 * 1024], raw_data=bytes(64 * 1024 * 1024))
    path = tmp_path / "model.onnx"
    path.write_bytes(model([("x", FLOAT, ["b", 2])], [("y", FLOAT, ["b", 2])], [weights]).SerializeToString())
    tracemalloc.start()
    found = read_onnx(path, "m")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.inputs == (ReadTensor("x", "FP32", (-1, 2)),)
    assert peak < 4 * 1024 * 1024


MLFLOW_READ = {
    "tensors": (
        (ReadTensor("transaction", "FP32", (-1, 12)), ReadTensor("codes", "INT64", (-1, 6))),
        (ReadTensor("score", "FP32", (-1, 1)),),
    ),
    "columns": (
        (
            ReadTensor("amount", "FP64", (-1, 1), row=True),
            ReadTensor("country", "STRING", (-1, 1), row=True),
            ReadTensor("age", "INT64", (-1, 1), optional=True, row=True),
            ReadTensor("seen", "BOOL", (-1, 1), row=True),
        ),
        (ReadTensor("score", "FP64", (-1, 1), row=True),),
    ),
    "unnamed": ((ReadTensor(None, "FP32", (-1, 12)),), (ReadTensor(None, "FP64", (-1,)),)),
}


@pytest.mark.parametrize("name", MLFLOW_READ)
@pytest.mark.parametrize("file", ["", "MLmodel"])
def test_an_mlflow_signature(name: str, file: str) -> None:
    found = read_mlflow(MLFLOW / name / file, name)
    assert (found.inputs, found.outputs) == MLFLOW_READ[name]


MLFLOW_WRONG = {
    "unsigned": "has no signature; log the model with one (mlflow.models.infer_signature), or type inputs and outputs "
    "out",
    "datetime": "has inputs[0] 'when' of type datetime, which no tensor has; type it out",
    "missing": "there is no such file; create it",
}


@pytest.mark.parametrize("name", MLFLOW_WRONG)
def test_an_mlflow_model_without_a_usable_signature(name: str) -> None:
    with pytest.raises(UnreadableSignature) as caught:
        read_mlflow(MLFLOW / name / "MLmodel", name)
    assert str(caught.value) == MLFLOW_WRONG[name]


def test_an_mlflow_signature_becomes_the_configuration(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"model.yaml": declared(signature="mlflow: logged"), "1/model.onnx": "x"}
    shutil.copytree(MLFLOW / "columns", tmp_path / "tagging" / "logged")
    config = repository(tmp_path, files, "tagging").served.config
    assert tensors(config) == ["amount 12 [1]", "country 13 [1]", "age 9 [1]", "seen 1 [1]", "score 12 [1]"]
    assert [each.optional for each in config.input] == [False, False, True, False]


TYPED = (
    "inputs: [{name: x, dtype: FP32, dims: [12]}]\noutputs: [{name: y, dtype: FP64, dims: [1], reshape: {shape: []}}]\n"
)


def test_tensors_without_a_name_are_typed_by_their_place(tmp_path: Path) -> None:
    shutil.copytree(MLFLOW / "unnamed", tmp_path / "tagging" / "logged")
    files: dict[str, str | bytes] = {"model.yaml": declared(TYPED, signature="mlflow: logged"), "1/model.onnx": "x"}
    assert tensors(repository(tmp_path, files, "tagging").served.config) == ["x 11 [12]", "y 12 [1] []"]
    files["model.yaml"] = declared(signature="mlflow: logged")
    assert problems(tmp_path, files, "tagging") == [
        f"tagging/model.yaml:1: {side}: 'logged' has 1 {side[:-1]} without a name, and none are typed; type each out, "
        "in the same order"
        for side in ("inputs", "outputs")
    ]
