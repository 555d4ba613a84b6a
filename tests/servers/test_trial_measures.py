"""What a trial measures, on a real Triton server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import ModelConfig, new_config
from modelyard.trial.address import ServerAddress
from modelyard.trial.golden import check_golden, read_golden
from modelyard.trial.load import ClosedLoop, LoadPlan, OpenLoop, load
from modelyard.trial.measured import measured
from modelyard.trial.profiling import CannotProfile, measure_profile, profiling_config
from modelyard.trial.requests import SampleRequest, SampleTensor, samples
from modelyard.trial.server import serve
from modelyard.trial.server_home import ServerHome
from modelyard.trial.smoke import smoke
from modelyard.trial.statistics import between, counters
from modelyard.trial.tensor import content_of

pytestmark = pytest.mark.servers

STAGE = """\
name: "{name}"
backend: "python"
max_batch_size: 8
input [{{ name: "x", data_type: TYPE_FP32, dims: [ 2 ] }}]
output [{{ name: "y", data_type: TYPE_FP32, dims: [ {dims} ] }}]
instance_group [{{ kind: KIND_CPU count: 1 }}]
dynamic_batching {{ }}
"""
ENSEMBLE = """\
name: "case"
platform: "ensemble"
max_batch_size: 8
input [{ name: "x", data_type: TYPE_FP32, dims: [ 2 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
ensemble_scheduling {
  step [
    { model_name: "double" model_version: -1 input_map { key: "x" value: "x" } output_map { key: "y" value: "twice" } },
    { model_name: "add" model_version: -1 input_map { key: "x" value: "twice" } output_map { key: "y" value: "y" } }
  ]
}
"""
MODEL = """\
import time
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        rows = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        SLEEP
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", ANSWER)]) for x in rows]
"""
DOUBLE = MODEL.replace("SLEEP", "").replace("ANSWER", "x * 2")
ADD = MODEL.replace("SLEEP", "time.sleep(0.003 + 0.001 * sum(map(len, rows)))").replace(
    "ANSWER", "x.sum(axis=1, keepdims=True)"
)
STALL = MODEL.replace("SLEEP", "time.sleep(0.5 if min(x.min() for x in rows) < -99 else 0)").replace(
    "ANSWER", "x[:, :1]"
)
KINDS = """\
name: "kinds"
backend: "python"
max_batch_size: 0
input [{ name: "t", data_type: TYPE_STRING, dims: [ -1 ] }, { name: "b", data_type: TYPE_BOOL, dims: [ 2 ] },
       { name: "h", data_type: TYPE_BF16, dims: [ 2 ] },
       { name: "o", data_type: TYPE_INT64, dims: [ 1 ] optional: true }]
output [{ name: "t", data_type: TYPE_STRING, dims: [ -1 ] }, { name: "b", data_type: TYPE_BOOL, dims: [ 2 ] },
        { name: "h", data_type: TYPE_BF16, dims: [ 2 ] }]
instance_group [{ kind: KIND_CPU }]
"""
ECHO = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        return [
            pb_utils.InferenceResponse([pb_utils.get_input_tensor_by_name(request, name) for name in "tbh"])
            for request in requests
        ]
"""
STREAM = """\
name: "stream"
backend: "python"
max_batch_size: 0
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU }]
model_transaction_policy { decoupled: true }
"""
TWICE = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        for request in requests:
            x = pb_utils.get_input_tensor_by_name(request, "x").as_numpy()
            sender = request.get_response_sender()
            for _ in range(2):
                sender.send(pb_utils.InferenceResponse([pb_utils.Tensor("y", x)]))
            sender.send(flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
"""
CONFIGS = {
    "double": STAGE.format(name="double", dims=2),
    "add": STAGE.format(name="add", dims=1),
    "case": ENSEMBLE,
    "stall": STAGE.format(name="stall", dims=1),
    "kinds": KINDS,
    "stream": STREAM,
}
PROGRAMS = {"double": DOUBLE, "add": ADD, "stall": STALL, "kinds": ECHO, "stream": TWICE, "pair": ADD}


def config(name: str) -> ModelConfig:
    return text_format.Parse(CONFIGS[name], new_config())


PAIR = profiling_config(
    text_format.Parse(STAGE.format(name="pair", dims=1).replace("KIND_CPU count: 1", "KIND_CPU count: 2"), new_config())
)
PROFILED = [profiling_config(config(name)) for name in ("double", "add", "case")]


def write(folder: Path, configs: list[ModelConfig]) -> Path:
    for each in configs:
        (folder / each.name / "1").mkdir(parents=True)
        (folder / each.name / "config.pbtxt").write_text(text_format.MessageToString(each))
        if each.name in PROGRAMS:
            (folder / each.name / "1" / "model.py").write_text(PROGRAMS[each.name])
    return folder


@pytest.fixture(scope="module")
def server(triton_home: ServerHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerAddress]:
    repository = write(tmp_path_factory.mktemp("measured"), [config(name) for name in CONFIGS])
    with serve(triton_home, repository) as running:
        yield running.address


def constant(value: float) -> SampleRequest:
    return SampleRequest(1, (SampleTensor("x", "FP32", (1, 2), content_of("FP32", (1, 2), [value] * 2)),))


@pytest.mark.parametrize("name", sorted(CONFIGS.keys() - {"stream"}))
def test_a_model_as_configured_passes_the_smoke_test(server: ServerAddress, name: str) -> None:
    result = smoke(server, config(name))
    assert [check for check in result.checks if not check.passed] == []
    assert result.passed
    names = [check.name for check in result.checks]
    rows = ["1 row is"] if name == "kinds" else ["1 row is", "8 rows are"]
    for protocol in ("HTTP", "gRPC"):
        assert [each.removeprefix(f"{protocol}: ") for each in names if each.startswith(protocol)] == [
            "server is live", "server is ready", f"model {name!r} is ready", "metadata is as configured",
            *(f"{each} answered" for each in rows),
        ]  # fmt: skip
    assert names[-len(rows) :] == [f"{each} answered alike over HTTP and gRPC" for each in rows]


def test_a_decoupled_model_is_asked_over_grpc_alone(server: ServerAddress) -> None:
    result = smoke(server, config("stream"))
    assert result.passed, result
    assert [check.name for check in result.checks if "answered" in check.name] == ["gRPC: 1 row is answered"]


def failures(address: ServerAddress, model: ModelConfig) -> dict[str, str]:
    return {each.name: each.detail for each in smoke(address, model, timeout_s=5).checks if not each.passed}


def test_a_model_that_is_not_as_configured(server: ServerAddress) -> None:
    wrong = config("add")
    wrong.output[0].dims[0] = 3
    differs = "output 'y': configured is FP32 [-1, 3], the server has FP32 [-1, 1]"
    assert failures(server, wrong) == {
        **{f"{protocol}: metadata is as configured": differs for protocol in ("HTTP", "gRPC")},
        **{
            f"{protocol}: {rows} answered": f"output 'y': expected shape [{count}, 3], got [{count}, 1]"
            for protocol in ("HTTP", "gRPC")
            for rows, count in (("1 row is", 1), ("8 rows are", 8))
        },
    }


def test_a_model_that_is_not_there(server: ServerAddress) -> None:
    missing = config("add")
    missing.name = "subtract"
    found = failures(server, missing)
    assert found["HTTP: model 'subtract' is ready"] == "the server says no"
    assert found["gRPC: 1 row is answered"] == "Request for unknown model: 'subtract' is not found"
    assert len(found) == 8


def test_a_server_that_is_not_there(server: ServerAddress) -> None:
    found = failures(replace(server, http="http://127.0.0.1:1", grpc="127.0.0.1:1"), config("add"))
    assert set(found) == {"HTTP: server is live", "gRPC: server is live"}
    assert found["HTTP: server is live"] == "Connection refused"
    assert "onnection refused" in found["gRPC: server is live"]


def test_a_server_without_grpc_is_asked_over_http(server: ServerAddress) -> None:
    checks = smoke(replace(server, grpc=None), config("add")).checks
    assert {check.name.partition(":")[0] for check in checks} == {"HTTP"}


def test_golden_answers(server: ServerAddress, tmp_path: Path) -> None:
    cases = [
        {"inputs": {"x": {"data": [[1, 2], [3, 4.5]]}}, "outputs": {"y": {"data": [[6], [15]]}}},
        {"name": "off", "inputs": {"x": {"data": [[1, 2]]}}, "outputs": {"y": {"data": [[6.1]]}}},
        {
            "inputs": {"x": {"data": [[1, 2]]}},
            "outputs": {"y": {"data": [[6.1]]}},
            "tolerance": {"absolute": 0.2, "relative": 0},
        },
    ]
    (tmp_path / "golden.json").write_text(json.dumps({"cases": cases}))
    golden = read_golden(tmp_path / "golden.json", config("case"))
    result = check_golden(server, config("case"), golden)
    assert result.cases == 3
    assert [str(each) for each in result.mismatches] == ["golden case 'off': output 'y'[0, 0]: expected 6.1, got 6.0"]
    assert not result.passed


def test_golden_texts(server: ServerAddress, tmp_path: Path) -> None:
    tensors = {"t": {"data": ["a", "é"]}, "b": {"data": [True, False]}, "h": {"data": [1.5, -2]}}
    wrong = tensors | {"t": {"data": ["a", "e"]}}
    cases = [{"inputs": tensors, "outputs": tensors}, {"inputs": tensors, "outputs": wrong}]
    (tmp_path / "golden.json").write_text(json.dumps({"cases": cases}))
    result = check_golden(server, config("kinds"), read_golden(tmp_path / "golden.json", config("kinds")))
    assert [str(each) for each in result.mismatches] == ["golden case 1: output 't'[1]: expected 'e', got 'é'"]


def test_a_stall_is_seen_by_every_request_that_was_due(server: ServerAddress) -> None:
    """One request of 300 stalls the model for half a second. Callers that do not know of each other send 50 more in
    the meantime, and all of them wait; a caller that waits for its answer before it sends again sees one slow request.
    """
    usual, stalling = constant(1.0), constant(-100.0)
    requests = (*[usual] * 100, stalling, *[usual] * 199)
    plan = LoadPlan("stall", OpenLoop(100, "constant"), requests, seconds=3, warm_up_s=0)
    opened = load(server, plan)
    closed = load(server, replace(plan, loop=ClosedLoop(1), requests=(stalling, *[usual] * 5000), seconds=1.5))
    assert opened.failures == closed.failures == {}
    assert len(opened.latency_ms) == 300
    assert all(opened.latency_ms[100 + late] >= 500 - 10 * late - 1 for late in range(50))
    assert measured(opened).p99_ms >= 450
    slow = [latency for latency in closed.latency_ms if latency >= 500]
    assert len(slow) == 1
    assert len(closed.latency_ms) > 1


def test_a_load_run_and_what_the_server_did(server: ServerAddress) -> None:
    names = ["case", "double", "add"]
    before = counters(server, names)
    plan = LoadPlan("case", OpenLoop(60, seed=5), samples(config("case")), seconds=2, warm_up_s=0)
    result = load(server, plan)
    time.sleep(0.2)  # the server counts a request when it has answered it
    statistics = between(before, counters(server, names))
    figures = measured(result, statistics, instances={"add": 1})
    assert figures.failures == {}
    assert figures.p50_ms >= 4  # what the slower stage sleeps for one row
    assert 0 < figures.p50_ms <= figures.p95_ms <= figures.p99_ms <= figures.p999_ms <= figures.max_ms
    case, double, add = figures.stages
    assert case.mean_batch == 1
    for stage in (double, add):
        assert sum(size * count for size, count in stage.batches.items()) == len(result.latency_ms)
        assert stage.cpu_ms is not None and stage.cpu_ms > 0
    assert add.execution_ms is not None and add.execution_ms >= 4
    assert add.utilisation is not None and 0.2 < add.utilisation <= 1
    assert figures.cpu_ms is not None and figures.cpu_ms > (double.cpu_ms or 0)
    assert statistics.metrics['nv_inference_request_success{model="add",version="1"}'] == len(result.latency_ms)


def test_a_server_that_is_overwhelmed(server: ServerAddress) -> None:
    """It executes at most 8 rows in 11 ms; at three times that rate requests wait, and the last are given up."""
    plan = LoadPlan(
        "case", OpenLoop(2200, "constant"), (constant(1.0),), seconds=1, warm_up_s=0, timeout_s=0.4, most_in_flight=64
    )
    result = load(server, plan)
    figures = measured(result)
    assert result.waited_in_flight > 1000
    assert set(figures.failures) == {"no answer within 0.4 s"}
    assert 0 < figures.throughput < 8 / 0.011
    assert figures.max_ms >= 400


def test_an_error_of_the_model_is_counted_by_its_own_words(server: ServerAddress) -> None:
    wrong = SampleRequest(1, (SampleTensor("x", "FP32", (1, 3), bytes(12)),))
    result = load(server, LoadPlan("case", OpenLoop(50, "constant"), (wrong,), seconds=0.2, warm_up_s=0))
    ((reason, count),) = result.failures.items()
    assert count == 10
    assert reason.startswith("HTTP 400: ") and "unexpected shape for input 'x'" in reason


@pytest.fixture(scope="module")
def profiled(triton_home: ServerHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerAddress]:
    with serve(triton_home, write(tmp_path_factory.mktemp("profiled"), [PAIR, *PROFILED])) as running:
        yield running.address


def test_a_profile_of_an_ensemble(profiled: ServerAddress) -> None:
    told: list[str] = []
    profile = measure_profile(
        profiled,
        PROFILED,
        source="a test",
        substitutes={"add": "sleep 1"},
        budget_s=4,
        progress=lambda progress: told.append(f"{progress.model} {progress.batch_size}"),
    )
    assert profile.server == "2.51.0"
    assert profile.source.startswith("a test, 20")
    assert profile.cores is not None and profile.cores >= 1
    double, add = profile.stages
    assert (double.model, double.substitute, double.accelerator) == ("double", None, "cpu")
    assert (add.model, add.substitute) == ("add", "sleep 1")
    wanted = {(1, 1), (2, 2), (4, 4), (8, 8), (8, 1)}
    for stage in (double, add):
        assert {(point.batch_size, point.requests) for point in stage.points} >= wanted
        assert all(point.executions >= 10 and point.cpu_ms for point in stage.points)
    for point in add.points:
        assert point.p50_ms >= 3 + point.batch_size  # what it sleeps
    overhead = profile.request_overhead
    assert 0 <= overhead.stage_ms <= overhead.mean_ms
    assert overhead.p99_ms is not None and overhead.p99_ms >= overhead.mean_ms / 2
    assert set(told) == {f"{name} {size}" for name in ("double", "add") for size in (1, 2, 4, 8)} | {"case 1"}
    assert type(profile).model_validate_json(profile.text()) == profile


def test_a_profile_of_one_model_on_a_server_as_it_is(server: ServerAddress) -> None:
    """Without the profiling configuration, and from elsewhere: the batches are those that came together."""
    profile = measure_profile(replace(server, process_group=None), [config("add")], source="a test", budget_s=1.5)
    (stage,) = profile.stages
    points = {(point.batch_size, point.requests): point for point in stage.points}
    assert {(1, 1), (8, 1)} <= set(points)
    assert all(point.p50_ms >= 3 + point.batch_size and point.cpu_ms is None for point in stage.points)
    assert profile.processor == "of a server elsewhere"
    assert profile.request_overhead.cpu_ms == 0


def test_instances_of_an_accelerator_are_measured_side_by_side(profiled: ServerAddress) -> None:
    (stage,) = measure_profile(profiled, [PAIR], source="a test", accelerators={"pair": "L4"}, budget_s=0.5).stages
    assert stage.accelerator == "L4"
    alone = {(each.batch_size, each.requests): each for each in stage.points if each.instances == 1}
    together = {(each.batch_size, each.requests): each for each in stage.points if each.instances == 2}
    assert set(alone) == set(together) == {(1, 1), (2, 2), (4, 4), (8, 8), (8, 1)}
    assert all(together[kind].mean_ms >= alone[kind].mean_ms for kind in alone)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["nothing"], "model 'nothing' cannot be profiled: HTTP 404: Request for unknown model: 'nothing'"),
        (["double", "case"], "model 'case' cannot be profiled: its step 'add' is missing"),
    ],
)
def test_what_cannot_be_profiled(server: ServerAddress, names: list[str], message: str) -> None:
    configs = [config(name if name in CONFIGS else "add") for name in names]
    configs[-1].name = names[-1]
    with pytest.raises(CannotProfile) as caught:
        measure_profile(server, configs, source="a test", budget_s=0.1)
    assert str(caught.value).startswith(message)
