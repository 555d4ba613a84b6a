"""Files and arguments that TensorFlow Serving starts with."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.tensorflow_serving import batching_problem
from modelyard.serving.tfserving.batching import Batching, batching_config
from modelyard.serving.tfserving.model_server_config import model_server_config
from modelyard.serving.tfserving.server import METRICS_PATH, arguments, monitoring_config, server, settings
from modelyard.serving.tfserving.server_options import ServerOptions
from modelyard.serving.workload.server import Route
from tensorflow_serving_files import parsed

LABELS = {"stable": 1, "canary": 2}


def test_models_config_says_where_the_model_lies_which_versions_are_served_and_what_they_are_called() -> None:
    config = parsed("ModelServerConfig", model_server_config("tagger", [1, 2], labels=LABELS)).model_config_list
    (model,) = config.config
    assert (model.name, model.base_path, model.model_platform) == ("tagger", "/models/tagger", "tensorflow")
    assert list(model.model_version_policy.specific.versions) == [1, 2]
    assert dict(model.version_labels) == LABELS


@pytest.mark.parametrize(
    ("policy", "chosen"), [("specific", {"versions": [3, 5]}), ("latest", {"num_versions": 2}), ("all", {})]
)
def test_version_policies(policy: Any, chosen: dict[str, Any]) -> None:
    config = parsed("ModelServerConfig", model_server_config("tagger", [3, 5], policy=policy))
    written = config.model_config_list.config[0].model_version_policy
    assert written.WhichOneof("policy_choice") == policy
    fields = getattr(written, policy).ListFields()
    assert {field.name: list(value) if field.name == "versions" else value for field, value in fields} == chosen


def test_monitoring_is_on_at_the_path_that_prometheus_asks() -> None:
    config = parsed("MonitoringConfig", monitoring_config()).prometheus_config
    assert (config.enable, config.path) == (True, METRICS_PATH)


def test_batching_config_holds_what_is_said_and_leaves_the_rest_to_the_server() -> None:
    full = Batching(32, 2000, 100, 4, (1, 8, 32), True, True, 32)
    config = parsed("BatchingParameters", batching_config(full))
    assert (config.max_batch_size.value, config.batch_timeout_micros.value) == (32, 2000)
    assert (config.max_enqueued_batches.value, config.num_batch_threads.value) == (100, 4)
    assert list(config.allowed_batch_sizes) == [1, 8, 32]
    assert config.pad_variable_length_inputs and config.enable_large_batch_splitting.value
    assert config.max_execution_batch_size.value == 32
    least = parsed("BatchingParameters", batching_config(Batching(8)))
    assert [field.name for field, _ in least.ListFields()] == ["max_batch_size", "batch_timeout_micros"]


@pytest.mark.parametrize(
    ("batching", "reason"),
    [
        (Batching(8, allowed_batch_sizes=(1, 8)), None),
        (Batching(8, enable_large_batch_splitting=True, max_execution_batch_size=4), None),
        (
            Batching(8, allowed_batch_sizes=(4, 2, 8)),
            "allowed_batch_sizes 4, 2, 8 do not increase; write each once, in ascending order",
        ),
        (
            Batching(8, allowed_batch_sizes=(8, 8)),
            "allowed_batch_sizes 8, 8 do not increase; write each once, in ascending order",
        ),
        (
            Batching(16, allowed_batch_sizes=(1, 8)),
            "the last of allowed_batch_sizes is 8 and max_batch_size is 16; TensorFlow Serving wants them equal",
        ),
        (
            Batching(16, max_execution_batch_size=8),
            "max_execution_batch_size 8 means nothing while enable_large_batch_splitting is off; turn it on, or delete "
            "the size",
        ),
        (
            Batching(16, enable_large_batch_splitting=True),
            "enable_large_batch_splitting splits to max_execution_batch_size, which is missing; add it",
        ),
        (
            Batching(16, enable_large_batch_splitting=True, max_execution_batch_size=32),
            "max_execution_batch_size 32 exceeds max_batch_size 16; lower it",
        ),
        (
            Batching(16, 0, None, None, (8, 16), False, True, 8),
            "the last of allowed_batch_sizes is 16 and max_execution_batch_size is 8; TensorFlow Serving wants them "
            "equal",
        ),
    ],
)
def test_batching_that_the_server_would_refuse_or_ignore(batching: Batching, reason: str | None) -> None:
    assert batching_problem(batching) == reason


def test_the_server_looks_for_versions_once_and_gives_nobody_its_profile() -> None:
    given = arguments(request_timeout_seconds=20)
    assert given == [
        "--port=8500",
        "--rest_api_port=8501",
        "--rest_api_timeout_in_ms=20000",
        "--model_config_file=/etc/modelyard/models.config",
        "--model_config_file_poll_wait_seconds=0",
        "--file_system_poll_wait_seconds=0",
        "--max_num_load_retries=0",
        "--monitoring_config_file=/etc/modelyard/monitoring.config",
        "--enable_profiler=false",
        "--enable_model_warmup=true",
    ]


@pytest.mark.parametrize(
    ("options", "added"),
    [
        (ServerOptions(labels=LABELS), ["--allow_version_labels_for_unavailable_models=true"]),
        (
            ServerOptions(batching=Batching(8)),
            ["--enable_batching=true", "--batching_parameters_file=/etc/modelyard/batching.config"],
        ),
        (ServerOptions(rest_api_threads=3, grpc_max_threads=4), ["--rest_api_num_threads=3", "--grpc_max_threads=4"]),
        (
            ServerOptions(intra_op_threads=2, inter_op_threads=1),
            ["--tensorflow_intra_op_parallelism=2", "--tensorflow_inter_op_parallelism=1"],
        ),
        (ServerOptions(gpu_memory_fraction=0.5), ["--per_process_gpu_memory_fraction=0.5"]),
        (ServerOptions(saved_model_tags=("serve", "gpu")), ["--saved_model_tags=serve,gpu"]),
        (ServerOptions(mixed_precision="bfloat16"), ["--mixed_precision=bfloat16"]),
    ],
)
def test_each_option_is_an_argument(options: ServerOptions, added: list[str]) -> None:
    assert [each for each in arguments(options) if each not in arguments()] == added


def test_files_are_named_by_the_arguments_that_read_them() -> None:
    options = ServerOptions(batching=Batching(8))
    named = {each.rpartition("/")[2] for each in arguments(options) if "/etc/modelyard/" in each}
    assert named == set(settings("tagger", [1], options)) == {"models.config", "monitoring.config", "batching.config"}
    assert "batching.config" not in settings("tagger", [1])


def paths(routes: tuple[Route, ...], *, inference: bool) -> set[str]:
    return {match.path for route in routes if route.inference is inference for match in route.matches}


def test_routes_spell_out_what_may_be_asked_and_nothing_that_manages_the_server() -> None:
    made = server("tagger", image="i", version=2, versions=[1, 2], options=ServerOptions(labels={"canary": 1}))
    named = ("", "/versions/1", "/versions/2", "/labels/canary")
    assert paths(made.routes, inference=True) == {
        *(f"/v1/models/tagger{name}:{verb}" for name in named for verb in ("predict", "classify", "regress")),
        *(
            f"/tensorflow.serving.PredictionService/{method}"
            for method in ("Predict", "Classify", "Regress", "MultiInference")
        ),
    }
    assert paths(made.routes, inference=False) == {
        *(f"/v1/models/tagger{name}{end}" for name in named for end in ("", "/metadata")),
        "/tensorflow.serving.PredictionService/GetModelMetadata",
        "/tensorflow.serving.ModelService/GetModelStatus",
    }
    assert all(match.kind == "Exact" for route in made.routes for match in route.matches)


def test_requests_without_a_version_get_the_declared_one_where_the_server_would_give_them_the_highest() -> None:
    made = server("tagger", image="i", version=1, versions=[1, 2])
    rewritten = {route.matches[0].path: route.rewrite for route in made.routes if route.rewrite}
    assert rewritten == {
        f"/v1/models/tagger:{verb}": f"/v1/models/tagger/versions/1:{verb}"
        for verb in ("predict", "classify", "regress")
    }
    exact = [match.path for route in made.routes for match in route.matches if match.kind == "Exact"]
    assert "/v1/models/tagger:predict" not in exact


@pytest.mark.parametrize(("versions", "asked"), [([4], 4), ([1, 2], 1), ([7, 12], 7)])
def test_the_pod_is_ready_when_the_version_that_loads_last_can_be_asked(versions: list[int], asked: int) -> None:
    ready = server("tagger", image="i", version=versions[-1], versions=versions).ready
    assert (ready.path, ready.port) == (f"/v1/models/tagger/versions/{asked}/metadata", 8501)
