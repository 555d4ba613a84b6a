"""The real server reads a generated repository as it was meant: its own account of each configuration says so.

Declared is nearly everything that a Python backend on a CPU can have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.protobuf import new_config
from modelyard.repository.repository import Repository
from modelyard.repository.write import write
from modelyard.sizing.settings import Settings, StageSettings

from .triton_server import TritonHome, TritonServer, serve

pytestmark = pytest.mark.servers

SAME = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [
            pb_utils.InferenceResponse([pb_utils.Tensor("y", each.inputs()[0].as_numpy() * 2)]) for each in requests
        ]
"""
STATEFUL = """\
import triton_python_backend_utils as pb_utils


def tensor(request, name):
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()


class TritonPythonModel:
    def execute(self, requests):
        answers = []
        for request in requests:
            total = tensor(request, "state_in") + tensor(request, "x")
            outputs = [pb_utils.Tensor("y", total), pb_utils.Tensor("state_out", total)]
            answers.append(pb_utils.InferenceResponse(outputs))
        return answers
"""
CALLING = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [self.answer(request) for request in requests]

    def answer(self, request):
        given = pb_utils.get_input_tensor_by_name(request, "x")
        asked = pb_utils.InferenceRequest(model_name="settled", requested_output_names=["y"], inputs=[given])
        return pb_utils.InferenceResponse([pb_utils.get_output_tensor_by_name(asked.exec(), "y")])
"""
DECLARATION = """\
format: ensemble
max_batch_size: 8
inputs: [{name: given, dtype: FP32, dims: [4]}]
outputs: [{name: doubled, dtype: FP32, dims: [4]}, {name: again, dtype: FP32, dims: [4]}]
version_policy: all
steps:
  - {model: settled, inputs: {x: given}, outputs: {y: doubled}}
  - {model: calling, inputs: {x: doubled}, outputs: {y: again}}
models:
  - name: settled
    format: python
    max_batch_size: 16
    inputs: [{name: x, dtype: FP32, dims: [4]}]
    outputs: [{name: y, dtype: FP32, dims: [4], label_filename: labels.txt}]
    instances: [{kind: cpu, rate_limiter: {priority: 2, resources: [{name: memory, count: 1}]}}]
    batching:
      priority_levels: 2
      default_priority_level: 1
      queue: {timeout_action: reject, default_timeout_us: 9000000, allow_timeout_override: true, max_queue_size: 64}
      priority_queues: {2: {max_queue_size: 32}}
    version_policy: {latest: 2}
    warmup:
      - name: zeros
        batch_size: 2
        count: 2
        inputs: {x: {dtype: FP32, dims: [4], zero_data: true}}
      - {name: random, batch_size: 1, inputs: {x: {dtype: FP32, dims: [4], random_data: true}}}
      - {name: file, batch_size: 1, inputs: {x: {dtype: FP32, dims: [4], input_data_file: ones}}}
    parameters: {limit: 0.5, strict: true}
    metric_tags: {team: risk}
    transaction: {decoupled: false}
  - name: calling
    format: python
    calls: [settled]
    max_batch_size: 8
    inputs: [{name: x, dtype: FP32, dims: [4], reshape: {shape: [2, 2]}}]
    outputs: [{name: y, dtype: FP32, dims: [4]}]
    instances: [{kind: cpu, count: 1}]
    batching: {enabled: false}
  - name: counting
    format: python
    max_batch_size: 4
    inputs: [{name: x, dtype: FP32, dims: [1]}]
    outputs: [{name: y, dtype: FP32, dims: [1]}]
    instances: [{kind: cpu, count: 2}]
    sequence_batching:
      oldest: {max_candidate_sequences: 4, preferred_batch_sizes: [2, 4], max_queue_delay_us: 100}
      max_sequence_idle_us: 5000000
      control_input:
        - name: START
          control: [{kind: start, int32_false_true: [0, 1]}]
        - name: CORRID
          control: [{kind: corrid, dtype: UINT64}]
      state:
        - input_name: state_in
          output_name: state_out
          dtype: FP32
          dims: [1]
          initial_state: [{name: begun, dtype: FP32, dims: [1], data_file: ten}]
"""
FILES = {
    "model.yaml": DECLARATION.encode(),
    "settled/1/model.py": SAME.encode(),
    "settled/2/model.py": SAME.encode(),
    "settled/3/model.py": SAME.encode(),
    "settled/labels.txt": b"a\nb\nc\nd\n",
    "settled/warmup/ones": b"\x00\x00\x80\x3f" * 4,
    "calling/1/model.py": CALLING.replace(
        "inputs=[given]", 'inputs=[pb_utils.Tensor("x", given.as_numpy().reshape(-1, 4))]'
    ).encode(),
    "counting/1/model.py": STATEFUL.encode(),
    "counting/initial_state/ten": b"\x00\x00\x20\x41",
}
SETTINGS = Settings((StageSettings("settled", 8, 300, (4, 8), 2), StageSettings("calling", 8, 0, (), 1)))

Served = tuple[Repository, TritonServer]


@pytest.fixture(scope="module")
def served(triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("generated")
    for path, content in FILES.items():
        target = root / "doubling" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    declared = read(root / "doubling", "doubling", boundary=root)
    repository = build(declared, version=1, release="24.10", settings=SETTINGS)
    write(repository, root / "models")
    with serve(triton_home, root / "models", root / "triton.log") as server:
        yield repository, server


@pytest.mark.parametrize("name", ["settled", "calling", "counting", "doubling"])
def test_the_server_reads_each_configuration_as_it_was_written(served: Served, name: str) -> None:
    from google.protobuf import json_format

    repository, server = served
    status, text = server.request(f"/v2/models/{name}/config")
    assert status == 200, text
    told = json_format.ParseDict(json.loads(text), new_config(), ignore_unknown_fields=True)
    written = repository.model(name).config
    assert said(told, written) == written


@pytest.mark.parametrize(("version", "status"), [(1, 400), (2, 200), (3, 200)])
def test_only_the_versions_of_the_policy_are_served(served: Served, version: int, status: int) -> None:
    repository, server = served
    assert repository.model("settled").versions == (2, 3)
    assert server.request(f"/v2/models/settled/versions/{version}/ready")[0] == status


def test_an_answer_has_passed_every_step(served: Served) -> None:
    given = {"name": "given", "datatype": "FP32", "shape": [2, 4], "data": [1, 2, 3, 4, 5, 6, 7, 8]}
    answer = ask(served[1], "doubling", [given])
    assert answer == {"doubled": [2, 4, 6, 8, 10, 12, 14, 16], "again": [4, 8, 12, 16, 20, 24, 28, 32]}


def test_a_sequence_begins_with_its_state(served: Served) -> None:
    """The Python backend reads the state and, unlike others, does not keep what the model writes back."""
    one = {"name": "x", "datatype": "FP32", "shape": [1, 1], "data": [1]}
    ends = {"sequence_id": 7, "sequence_start": True, "sequence_end": True}
    assert ask(served[1], "counting", [one], ends) == {"y": [11]}


def ask(
    server: TritonServer, model: str, inputs: list[dict[str, Any]], parameters: dict[str, Any] | None = None
) -> dict[str, list[float]]:
    body = json.dumps({"inputs": inputs, **({"parameters": parameters} if parameters else {})}).encode()
    status, text = server.request(f"/v2/models/{model}/infer", body=body)
    assert status == 200, text
    return {each["name"]: each["data"] for each in json.loads(text)["outputs"]}


def said(told: Any, written: Any) -> Any:
    """Of what the server tells, the fields that were written: it fills in the others."""
    kept = type(written)()
    kept.CopyFrom(told)
    fields = {field.name for field, _ in written.ListFields()}
    for field, value in told.ListFields():
        if field.name not in fields:
            kept.ClearField(field.name)
        elif field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        elif not hasattr(value, "add"):
            getattr(kept, field.name).CopyFrom(said(value, getattr(written, field.name)))
        elif len(value) == len(getattr(written, field.name)):
            del getattr(kept, field.name)[:]
            pairs = zip(value, getattr(written, field.name), strict=True)
            getattr(kept, field.name).extend(said(one, other) for one, other in pairs)
    return kept
