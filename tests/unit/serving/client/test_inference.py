"""Tensors and answers of the Open Inference Protocol."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.serving.client import CannotAsk, Reply, Tensor, Unreadable
from modelyard.serving.client.inference import answer_of, request_body

_NO_JSON = "an input holds a value that JSON does not have: NaN, an infinity, or bytes; ask with binary=True"


def test_nested_lists_say_the_shape() -> None:
    assert Tensor.of("x", "FP32", [[1, 2, 3], [4, 5, 6]]) == Tensor("x", "FP32", (2, 3), (1, 2, 3, 4, 5, 6))
    assert Tensor.of("x", "INT64", 7) == Tensor("x", "INT64", (), (7,))
    assert Tensor.of("x", "BYTES", [[]]) == Tensor("x", "BYTES", (1, 0), ())


def test_a_request_is_the_protocols_json() -> None:
    assert json.loads(request_body([Tensor.of("text", "BYTES", [["grüße"]])])[0]) == {
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [1, 1], "data": ["grüße"]}]
    }


@pytest.mark.parametrize(
    ("values", "datatype", "sentence"),
    [
        ([[1, 2], [3]], "FP32", "tensor 'x': its lists are not of one length"),
        ([1], "FP3", "tensor 'x': 'FP3' is no data type; did you mean FP32?"),
        ([float("nan")], "FP32", _NO_JSON),
        ([b"bytes"], "BYTES", _NO_JSON),
    ],
)
def test_what_cannot_be_sent_is_a_sentence(values: Any, datatype: str, sentence: str) -> None:
    with pytest.raises(CannotAsk) as raised:
        request_body([Tensor.of("x", datatype, values)], binary=False)
    assert str(raised.value) == sentence


def test_a_shape_that_does_not_fit_and_a_request_of_nothing_are_sentences() -> None:
    with pytest.raises(CannotAsk, match=r"^tensor 'x': its shape \[2, 2\] takes 4 values, and there are 3$"):
        Tensor("x", "FP32", (2, 2), (1, 2, 3))
    with pytest.raises(CannotAsk, match=r"^tensor 'x': its shape \[-1\] is not of whole numbers from 0$"):
        Tensor("x", "FP32", (-1,), (1,))
    with pytest.raises(CannotAsk, match=r"^the request has no input tensor; give it one at least$"):
        request_body([])


def test_outputs_are_flat_however_they_came() -> None:
    body = b'{"outputs": [{"name": "y", "datatype": "FP32", "shape": [2, 1], "data": [[0.25], [0.5]]}]}'
    answer = answer_of(Reply(body, "application/json", "v3", 1.0), "SageMaker")
    assert answer["y"] == (0.25, 0.5)
    assert answer.reply.served_by == "v3"
    with pytest.raises(Unreadable, match=r"^the answer has no output 'z'; it has y$"):
        answer["z"]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"<html>", b'{"outputs": [{"name": "y"}]}', b"\xff\x00"])
def test_another_answer_is_a_sentence(body: bytes) -> None:
    with pytest.raises(Unreadable) as raised:
        answer_of(Reply(body, "text/html", None, 1.0), "Azure ML")
    assert str(raised.value).startswith("Azure ML did not answer in the Open Inference Protocol (")
