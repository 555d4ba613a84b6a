"""Golden files are read strictly, and a wrong answer is told exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from modelyard.repository.invalid import InvalidRepository
from modelyard.repository.protobuf import ModelConfig, new_config
from modelyard.trial.golden import GoldenTensor, Mismatch, Tolerance, compare, read_golden


def config(more: str = "max_batch_size: 4") -> ModelConfig:
    return text_format.Parse(
        f"""name: "m" {more}
        input [{{name: "amount" data_type: TYPE_FP32 dims: [2]}}, {{name: "code" data_type: TYPE_INT8 dims: [1]}},
               {{name: "note" data_type: TYPE_STRING dims: [1] optional: true}}]
        output [{{name: "flag" data_type: TYPE_BOOL dims: [1]}}, {{name: "who" data_type: TYPE_STRING dims: [-1]}}]""",
        new_config(),
    )


def case(**changes: Any) -> dict[str, Any]:
    inputs = {"amount": {"data": [[1, 2.5]]}, "code": {"data": [[7]]}}
    return {"inputs": inputs, "outputs": {"flag": {"data": [[True]]}, "who": {"data": [["a", "é"]]}}} | changes


def write(folder: Path, content: Any) -> Path:
    path = folder / "golden.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    golden = read_golden(write(tmp_path, {"cases": [case(name="a refund")]}), config())
    (only,) = golden.cases
    assert only.name == "a refund"
    assert only.tolerance == Tolerance(absolute=1e-5, relative=1e-5)
    assert only.inputs["amount"].array("FP32").tolist() == [[1.0, 2.5]]
    assert only.outputs["who"].array("BYTES").tolist() == [[b"a", "é".encode()]]


WRONG: list[tuple[Any, list[str]]] = [
    ("{", ["golden.json:1: is not JSON: Expecting property name enclosed in double quotes"]),
    ({"cases": []}, ["golden.json: cases: holds no case; write one, or remove the file"]),
    (
        {"cases": [case(tolerance={"absolute": -1, "rel": 1}, input=1)], "version": 1},
        [
            "golden.json: cases[0].tolerance.absolute: must be at least 0, not -1",
            "golden.json: cases[0].tolerance.rel: 'rel' is not a known key; did you mean 'relative'? "
            "Allowed: absolute, relative",
            "golden.json: cases[0].input: 'input' is not a known key; did you mean 'inputs'? "
            "Allowed: name, inputs, outputs, tolerance",
            "golden.json: version: 'version' is not a known key; allowed: cases",
        ],
    ),
    (
        {"cases": [{"input": {}, "outputs": {"y": {"dta": [1]}}, "name": 7}]},
        [
            'golden.json: cases[0].name: must be text, not 7; put it in quotes: "7"',
            "golden.json: cases[0].outputs.y.dta: 'dta' is not a known key; did you mean 'data'? Allowed: data",
            "golden.json: cases[0].input: 'input' is not a known key; did you mean 'inputs'? "
            "Allowed: name, inputs, outputs, tolerance",
        ],
    ),
    (
        {"cases": [case(inputs={"amonut": {"data": [[1, 2]]}, "code": {"data": [[300]]}})]},
        [
            "golden.json: cases[0].inputs: lacks amount, which model 'm' needs",
            "golden.json: cases[0].inputs.amonut: model 'm' has inputs amount, code, note; did you mean amount?",
            "golden.json: cases[0].inputs.code.data: holds 300; INT8 takes -128 to 127",
        ],
    ),
    (
        {"cases": [case(outputs={"flag": {"data": [[1]]}, "who": {"data": [["a"], ["b", "c"]]}})]},
        [
            "golden.json: cases[0].outputs.flag.data: holds 1; BOOL takes true or false",
            "golden.json: cases[0].outputs.who.data: is nested in lists of unequal lengths; a tensor is rectangular",
        ],
    ),
    (
        {"cases": [case(inputs={"amount": {"data": [1, 2]}, "code": {"data": [[1.5]]}})]},
        [
            "golden.json: cases[0].inputs.amount.data: is of shape [2]; declared is [-1, 2], with the batch first, "
            "where -1 is any size",
            "golden.json: cases[0].inputs.code.data: holds 1.5; INT8 takes integers",
        ],
    ),
    (
        {"cases": [case(inputs={"amount": {"data": [[1, 2]] * 5}, "code": {"data": [["7"]]}})]},
        [
            "golden.json: cases[0].inputs.amount.data: has 5 rows; the model takes 1 to 4",
            "golden.json: cases[0].inputs.code.data: holds '7'; INT8 takes integers",
        ],
    ),
]


@pytest.mark.parametrize(("content", "expected"), WRONG)
def test_every_mistake_is_told_at_once(tmp_path: Path, content: Any, expected: list[str]) -> None:
    with pytest.raises(InvalidRepository) as caught:
        read_golden(write(tmp_path, content), config(), shown="golden.json")
    assert str(caught.value).splitlines() == expected


TOLERANCE = Tolerance(absolute=0.01, relative=0.1)
NAN = float("nan")


@pytest.mark.parametrize(
    ("dtype", "expected", "got", "sentence"),
    [
        ("FP32", [[1.0, 2.0]], [[1.1, 1.8]], None),
        ("FP32", [[0.0, 2.0]], [[0.02, 2.0]], "output 'y'[0, 0]: expected 0.0, got 0.02"),
        ("FP64", [NAN, 1.0], [NAN, 1.0], None),
        ("FP64", [1.0, NAN], [1.0, 1.0], "output 'y'[1]: expected nan, got 1.0"),
        ("FP32", [[2.1], [3.0]], [[5.0], [5.0]], "output 'y'[0, 0]: expected 2.1, got 5.0, and 1 more values differ"),
        ("INT64", [5, 6], [5, 7], "output 'y'[1]: expected 6, got 7"),
        ("BOOL", [True], [False], "output 'y'[0]: expected True, got False"),
        ("FP32", [[1.0]], [1.0], "output 'y': expected shape [1, 1], got shape [1]"),
    ],
)
def test_answers_are_compared(dtype: str, expected: Any, got: Any, sentence: str | None) -> None:
    wanted = GoldenTensor(data=expected).array(dtype)
    mismatch = compare("'a refund'", "y", dtype, wanted, np.array(got, wanted.dtype), TOLERANCE)
    assert (str(mismatch) if mismatch else None) == (f"golden case 'a refund': {sentence}" if sentence else None)


def test_texts_are_compared_exactly() -> None:
    expected = GoldenTensor(data=["allow", "é"]).array("BYTES")
    assert compare("0", "y", "BYTES", expected, np.array([b"allow", "é".encode()], object), TOLERANCE) is None
    mismatch = compare("0", "y", "BYTES", expected, np.array([b"deny", "é".encode()], object), TOLERANCE)
    assert str(mismatch) == "golden case 0: output 'y'[0]: expected 'allow', got 'deny'"


def test_a_case_without_an_answer() -> None:
    mismatch = Mismatch("3", None, None, "", "no answer within 30 s")
    assert str(mismatch) == "golden case 3: expected an answer, got no answer within 30 s"
