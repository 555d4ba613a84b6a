"""Tensors as bytes: there and back, as numpy has them, and what is no such answer."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from modelyard.serving.client import CannotAsk, Endpoint, Reply, Tensor, Unreadable
from modelyard.serving.client.asking import Client
from modelyard.serving.client.binary_tensors import binary_body, pack, read_outputs, unpack
from modelyard.serving.client.inference import answer_of, request_body
from modelyard.trial.tensor import content_of, numpy_dtype

from .recorded import Told, service

VALUES: list[tuple[str, list[Any]]] = [
    ("BOOL", [True, False]),
    ("UINT8", [0, 255]),
    ("UINT16", [0, 65535]),
    ("UINT32", [7, 2**32 - 1]),
    ("UINT64", [7, 2**64 - 1]),
    ("INT8", [-128, 127]),
    ("INT16", [-(2**15), 1]),
    ("INT32", [-(2**31), 1]),
    ("INT64", [-(2**63), 1]),
    ("FP16", [1.5, -65504.0]),
    ("BF16", [1.5, -3.0]),
    ("FP32", [0.25, -(2.0**100)]),
    ("FP64", [0.1, -1e300]),
    ("BYTES", ["grüße", ""]),
]


@pytest.mark.parametrize(("datatype", "values"), VALUES)
def test_bytes_are_as_numpy_has_them_and_come_back(datatype: str, values: list[Any]) -> None:
    tensor = Tensor.of("x", datatype, values)
    array = np.array(values, dtype=numpy_dtype(datatype))
    assert pack(tensor) == content_of(datatype, (2,), array)
    assert unpack("x", datatype, (2,), pack(tensor)) == tensor


@pytest.mark.parametrize(
    ("value", "bits"),
    [(1.00390625, 0x3F80), (1.01171875, 0x3F82), (1.005, 0x3F81), (math.inf, 0x7F80), (math.nan, 0x7FC0)],
)
def test_bf16_is_rounded_to_the_nearest(value: float, bits: int) -> None:
    assert int.from_bytes(pack(Tensor("x", "BF16", (1,), (value,))), "little") == bits


def test_bytes_that_are_no_text_stay_bytes() -> None:
    tensor = Tensor("x", "BYTES", (2,), (b"\xff\x00", "text"))
    assert tensor.is_binary_alone
    assert unpack("x", "BYTES", (2,), pack(tensor)).data == (b"\xff\x00", "text")


def test_a_request_says_how_many_bytes_are_whose() -> None:
    body, json_bytes = binary_body([Tensor.of("x", "FP16", [[1, 2]]), Tensor.of("y", "BYTES", ["ab"])])
    assert json.loads(body[:json_bytes]) == {
        "inputs": [
            {"name": "x", "datatype": "FP16", "shape": [1, 2], "parameters": {"binary_data_size": 4}},
            {"name": "y", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 6}},
        ],
        "parameters": {"binary_data_output": True},
    }
    assert body[json_bytes:] == np.array([1, 2], "<f2").tobytes() + b"\2\0\0\0ab"


@pytest.mark.parametrize(
    ("datatype", "binary", "is_binary"),
    [("FP32", None, False), ("FP32", True, True), ("FP16", None, True), ("BF16", None, True)],
)
def test_json_is_left_where_it_lacks_the_values_alone(datatype: str, binary: bool | None, is_binary: bool) -> None:
    assert (request_body([Tensor.of("x", datatype, [1.0])], binary)[1] is not None) == is_binary


@pytest.mark.parametrize(
    ("datatype", "value"),
    [("UINT8", 256), ("INT32", 1.5), ("FP16", 1e6), ("FP32", "1"), ("FP32", 1e39), ("BF16", None), ("BYTES", "\ud800")],
)
def test_a_value_that_does_not_fit_is_a_sentence(datatype: str, value: Any) -> None:
    with pytest.raises(CannotAsk) as raised:
        request_body([Tensor("x", datatype, (1,), (value,))], binary=True)
    assert str(raised.value) == f"tensor 'x': a value is not one that {datatype} holds"


def answer(size: int, *, datatype: str = "FP32", shape: tuple[int, ...] = (1, 1), space: str = "") -> bytes:
    said = {"name": "grüße", "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": size}}
    listed = {"name": "y", "datatype": "INT64", "shape": [2], "data": [3, 4]}
    return (space + json.dumps({"outputs": [said, listed]}, ensure_ascii=False)).encode()


@pytest.mark.parametrize("space", ["", " \n"])
def test_an_answer_may_be_both_and_needs_no_header(space: str) -> None:
    content = np.array([[0.75]], "<f4").tobytes()
    assert read_outputs(answer(4, space=space) + content) == [
        Tensor("grüße", "FP32", (1, 1), (0.75,)),
        Tensor("y", "INT64", (2,), (3, 4)),
    ]


@pytest.mark.parametrize(
    "body",
    [
        answer(4) + b"\0\0",
        answer(4) + bytes(5),
        answer(-1),
        answer(3) + bytes(3),
        answer(8) + bytes(8),
        answer(4, datatype="FP5") + bytes(4),
        answer(6, datatype="BYTES") + b"\5\0\0\0ab",
        answer(2, datatype="BYTES") + b"\5\0",
        answer(4, datatype="BF16", shape=(-1, -2)) + bytes(4),
        b'{"outputs": [{"name": "y", "datatype": "INT64", "shape": ["a"], "data": [1]}]}',
        b'{"outputs": [7]}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_such_answer_is_a_sentence(body: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^the server did not answer in the Open Inference Protocol \("):
        answer_of(Reply(body, "application/octet-stream", None, 1.0), "the server")


@pytest.mark.parametrize(
    ("target", "path", "content_type", "length"),
    [
        ("kubernetes", "", "application/octet-stream", True),
        ("azureml", "/score", "application/octet-stream", True),
        ("vertex", "/v1/projects/p/locations/r/endpoints/1:rawPredict",
         "application/vnd.vertex-ai-triton.binary+json;json-header-size={}", False),
        ("sagemaker", "/endpoints/a/invocations",
         "application/vnd.sagemaker-triton.binary+json;json-header-size={}", False),
    ],
)  # fmt: skip
def test_every_target_is_told_where_the_json_ends(
    monkeypatch: pytest.MonkeyPatch, target: Any, path: str, content_type: str, length: bool
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "of-nobody")
    with service(Told(body=answer(4) + bytes(4))) as running:
        asking = Client(Endpoint(target, running.url + path, "m", "us-east-1"), token="t")
        assert asking.infer([Tensor.of("x", "FP16", [1])])["grüße"] == (0.0,)
    (asked,) = running.asked
    said, json_bytes = json.JSONDecoder().raw_decode(asked.body.decode("latin-1"))
    assert said["inputs"][0]["datatype"] == "FP16"
    assert asked.headers["content-type"] == content_type.format(json_bytes)
    assert asked.headers.get("inference-header-content-length") == (str(json_bytes) if length else None)
