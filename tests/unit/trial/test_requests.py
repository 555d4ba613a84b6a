"""Sample requests are what the model's configuration takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import ModelConfig, new_config
from modelyard.trial.address import ServerAddress
from modelyard.trial.golden import Golden
from modelyard.trial.requests import VARIABLE_SIZE, NoSample, SampleRequest, SampleTensor, samples
from modelyard.trial.tensor import array_of, content_of

ADDRESS = ServerAddress("http://127.0.0.1:8000")


def config(inputs: str, more: str = "max_batch_size: 8") -> ModelConfig:
    return text_format.Parse(f'name: "m" {more} input [{inputs}]', new_config())


WIDTHS = {
    "BOOL": 1, "UINT8": 1, "UINT16": 2, "UINT32": 4, "UINT64": 8, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8,
    "FP16": 2, "FP32": 4, "FP64": 8, "BF16": 2,
}  # fmt: skip


@pytest.mark.parametrize(("dtype", "width"), list(WIDTHS.items()))
def test_each_dtype_has_as_many_bytes_as_it_takes(dtype: str, width: int) -> None:
    (request,) = samples(config(f'{{name: "x" data_type: TYPE_{dtype} dims: [3, 2]}}'), count=1, rows=2)
    (tensor,) = request.tensors
    assert (tensor.name, tensor.dtype, tensor.shape) == ("x", dtype, (2, 3, 2))
    assert len(tensor.content) == 12 * width
    assert tensor.array().shape == (2, 3, 2)


def test_texts_carry_their_lengths() -> None:
    (request,) = samples(config('{name: "t" data_type: TYPE_STRING dims: [2]}'), count=1)
    (tensor,) = request.tensors
    assert (tensor.dtype, tensor.shape) == ("BYTES", (1, 2))
    values = tensor.array().ravel().tolist()
    assert all(value.startswith(b"sample ") for value in values)
    assert tensor.content == b"".join(len(value).to_bytes(4, "little") + value for value in values)


@pytest.mark.parametrize("dtype", [*WIDTHS, "BYTES"])
def test_content_is_read_as_it_was_written(dtype: str) -> None:
    values = [[b"", "é".encode()], [b"a\x00b", b"xyz"]] if dtype == "BYTES" else [[0, 1], [1, 0]]
    array = array_of(dtype, (2, 2), content_of(dtype, (2, 2), values))
    assert array.tolist() == values


def test_bf16_keeps_the_upper_half_of_a_float() -> None:
    assert content_of("BF16", (1,), [1.0]) == b"\x80\x3f"
    assert content_of("BF16", (1,), [-2.5]) == b"\x20\xc0"


@pytest.mark.parametrize(
    ("inputs", "more", "options", "shape"),
    [
        ('{name: "x" data_type: TYPE_FP32 dims: [4]}', "max_batch_size: 8", {"rows": 8}, (8, 4)),
        ('{name: "x" data_type: TYPE_FP32 dims: [4]}', "", {}, (4,)),
        ('{name: "x" data_type: TYPE_FP32 dims: [-1, 4]}', "", {}, (VARIABLE_SIZE, 4)),
        ('{name: "x" data_type: TYPE_FP32 dims: [-1, 4, -1]}', "", {"sizes": {"x": [2, 3]}}, (2, 4, 3)),
        (
            '{name: "x" data_type: TYPE_FP32 dims: [-1]}',
            'max_batch_size: 2 model_warmup {name: "w" inputs {key: "x" value {dims: [5] random_data: true}}}',
            {},
            (1, 5),
        ),
    ],
)
def test_shapes(inputs: str, more: str, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    (request,) = samples(config(inputs, more), count=1, **options)
    assert request.tensors[0].shape == shape


def test_ragged_inputs_differ_in_size() -> None:
    ragged = config('{name: "x" data_type: TYPE_FP32 dims: [-1] allow_ragged_batch: true}')
    assert len({request.tensors[0].shape for request in samples(ragged, count=20)}) > 5


def test_optional_inputs_are_left_out_unless_somebody_gives_them() -> None:
    inputs = '{name: "x" data_type: TYPE_FP32 dims: [1]}, {name: "o" data_type: TYPE_FP32 dims: [1] optional: true}'
    assert [tensor.name for tensor in samples(config(inputs), count=1)[0].tensors] == ["x"]
    warm = 'model_warmup {name: "w" inputs {key: "o" value {dims: [1] zero_data: true}}}'
    (request,) = samples(config(inputs, f"max_batch_size: 8 {warm}"), count=1)
    assert [tensor.name for tensor in request.tensors] == ["x", "o"]
    assert request.tensors[1].array().tolist() == [[0.0]]


def test_a_warm_up_file_gives_the_content(tmp_path: Path) -> None:
    (tmp_path / "warmup").mkdir()
    (tmp_path / "warmup" / "rows").write_bytes(np.array([1, 2, 3], "<f4").tobytes())
    warm = 'model_warmup {name: "w" inputs {key: "x" value {dims: [3] input_data_file: "rows"}}}'
    model = config('{name: "x" data_type: TYPE_FP32 dims: [3]}', f"max_batch_size: 8 {warm}")
    (request,) = samples(model, count=1, rows=2, folder=tmp_path)
    assert request.tensors[0].array().tolist() == [[1, 2, 3], [1, 2, 3]]


def test_golden_rows_are_sent_in_turn() -> None:
    cases = [{"inputs": {"x": {"data": rows}}, "outputs": {"y": {"data": 0}}} for rows in ([[1], [2]], [[3]])]
    golden = Golden.model_validate_json(json.dumps({"cases": cases}))
    model = config('{name: "x" data_type: TYPE_FP32 dims: [1]}')
    singles = samples(model, count=4, golden=golden)
    assert [request.tensors[0].array().tolist() for request in singles] == [[[1]], [[2]], [[3]], [[1]]]
    pairs = samples(model, count=2, rows=2, golden=golden)
    assert [request.tensors[0].array().tolist() for request in pairs] == [[[1], [2]], [[3], [1]]]


def test_golden_rows_of_another_size_are_not_mixed_into_a_batch() -> None:
    cases = [{"inputs": {"x": {"data": rows}}, "outputs": {"y": {"data": 0}}} for rows in ([[1, 1]], [[2]], [[3, 3]])]
    golden = Golden.model_validate_json(json.dumps({"cases": cases}))
    model = config('{name: "x" data_type: TYPE_FP32 dims: [-1]}')
    (request,) = samples(model, count=1, rows=2, golden=golden)
    assert request.tensors[0].array().tolist() == [[1, 1], [3, 3]]


def test_a_stateful_model_gets_whole_sequences() -> None:
    model = config('{name: "x" data_type: TYPE_FP32 dims: [1]}', "max_batch_size: 8 sequence_batching {}")
    requests = samples(model, count=3)
    assert [request.sequence for request in requests] == [1, 2, 3]
    head = json.loads(_body(requests[0].http(ADDRESS, "m"))[0])
    assert head["parameters"] == {
        "binary_data_output": True, "sequence_id": 1, "sequence_start": True, "sequence_end": True,
    }  # fmt: skip


def test_the_seed_decides() -> None:
    model = config('{name: "x" data_type: TYPE_FP32 dims: [4]}')
    assert samples(model, seed=1) == samples(model, seed=1)
    assert samples(model, seed=1) != samples(model, seed=2)
    assert len({request.tensors[0].content for request in samples(model, count=32)}) == 32


def test_a_request_is_http_with_binary_tensors() -> None:
    request = SampleRequest(
        1, (SampleTensor("x", "FP32", (1, 2), b"12345678"), SampleTensor("y", "INT8", (1, 1), b"9"))
    )
    address = ServerAddress("https://gateway.example:8443/shop/", headers={"x-team": "fraud"})
    message = request.http(address, "a b", 3)
    lines = message.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert lines[0] == "POST /shop/v2/models/a%20b/versions/3/infer HTTP/1.1"
    assert "Host: gateway.example:8443" in lines
    assert "x-team: fraud" in lines
    head, binary = _body(message)
    assert json.loads(head) == {
        "inputs": [
            {"name": "x", "shape": [1, 2], "datatype": "FP32", "parameters": {"binary_data_size": 8}},
            {"name": "y", "shape": [1, 1], "datatype": "INT8", "parameters": {"binary_data_size": 1}},
        ],
        "parameters": {"binary_data_output": True},
    }
    assert binary == b"123456789"
    assert f"Content-Length: {len(head) + 9}" in lines


def _body(message: bytes) -> tuple[bytes, bytes]:
    lines, _, body = message.partition(b"\r\n\r\n")
    (length,) = [int(line.split(b":")[1]) for line in lines.split(b"\r\n") if line.startswith(b"Inference-Header")]
    return body[:length], body[length:]


def test_a_shape_cannot_be_made_up() -> None:
    with pytest.raises(NoSample) as caught:
        samples(config('{name: "s" data_type: TYPE_INT32 dims: [2] is_shape_tensor: true}'))
    assert str(caught.value) == (
        "input 's' of model 'm' holds a shape, which cannot be made up; write a case with it into golden.json"
    )


def test_a_model_without_inputs_cannot_be_asked() -> None:
    with pytest.raises(NoSample) as caught:
        samples(text_format.Parse('name: "m"', new_config()))
    assert str(caught.value) == "model 'm' declares no inputs, so no request can be made up; declare them"


@pytest.mark.parametrize(("rows", "largest"), [(0, 8), (9, 8), (2, 1)])
def test_rows_that_the_model_does_not_take(rows: int, largest: int) -> None:
    model = config('{name: "x" data_type: TYPE_FP32 dims: [1]}', f"max_batch_size: {0 if largest == 1 else largest}")
    with pytest.raises(ValueError) as caught:
        samples(model, rows=rows)
    assert str(caught.value) == f"{rows} rows are not what 'm' takes: 1 to {largest}"
