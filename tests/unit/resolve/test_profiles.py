"""What sizing rests on: points of the department's file, profile.json beside the model, or both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .world import TOYS, lines, only_model, resolved, write

TENSORS = "inputs: [{name: x, dtype: FP32, dims: [4]}], outputs: [{name: y, dtype: FP32, dims: [4]}]"
ENSEMBLE = f"""\
format: ensemble
max_batch_size: 8
inputs: [{{name: x, dtype: FP32, dims: [4]}}]
outputs: [{{name: z, dtype: FP32, dims: [4]}}]
steps:
  - {{model: clean, inputs: {{x: x}}, outputs: {{y: y}}}}
  - {{model: judge, inputs: {{x: y}}, outputs: {{y: z}}}}
models:
  - {{name: clean, format: python, max_batch_size: 8, {TENSORS}, instances: [{{kind: cpu}}]}}
  - {{name: judge, format: python, max_batch_size: 8, {TENSORS}, instances: [{{kind: cpu}}]}}
"""
CODE = "class TritonPythonModel:\n    def execute(self, requests):\n        return []\n"
FILES = {"model.yaml": ENSEMBLE, "clean/1/model.py": CODE, "judge/1/model.py": CODE}
ON_CPU = TOYS.replace(
    "    pool: l4\n    overflow_pool: l4-spot\n",
    "    resources: {gpus: 0, cpu: 2, memory_gib: 4}\n    objective: {p99_ms: 50, requests_per_second: 100}\n",
).replace("format: onnx", "format: ensemble")


def stage(model: str, mean_ms: float, substitute: str | None = None) -> dict[str, Any]:
    point = {"executions": 100, "mean_ms": mean_ms, "p50_ms": mean_ms, "p90_ms": mean_ms, "p99_ms": mean_ms}
    points = [{"batch_size": size, **point} for size in (1, 8)]
    return {"model": model, "accelerator": "cpu", "substitute": substitute, "points": points}


def profile(*stages: dict[str, Any]) -> str:
    told = {"schema": 1, "source": "measured in a test", "server": "2.51.0", "processor": "any"}
    return json.dumps({**told, "stages": list(stages)})


def declared(*points: str) -> str:
    return ON_CPU + f"    profile: {{source: declared in a test, points: [{', '.join(points)}]}}\n"


def world(root: Path, toys: str = ON_CPU, measured: str | None = None) -> Path:
    files = FILES if measured is None else {**FILES, "profile.json": measured}
    return write(root, toys=toys, models={"tagging": files})


def test_a_measured_profile_sizes_each_stage(tmp_path: Path) -> None:
    model = only_model(world(tmp_path, measured=profile(stage("clean", 2.0), stage("judge", 3.0))))
    assert model.sizing is not None and model.repository is not None
    assert model.sizing.prediction.source == "measured in a test"
    assert model.sizing.prediction.p50_ms >= 5.0, "both stages"
    for decided in model.sizing.settings.stages:
        written = model.repository.model(decided.model).config
        assert written.max_batch_size == decided.max_batch_size
        assert written.instance_group[0].count == decided.instances
    assert model.price_basis == "aws/us-east-1/m6i.xlarge/on_demand"


def test_a_declared_point_goes_before_a_measured_one_of_its_stage(tmp_path: Path) -> None:
    toys = declared("{stage: judge, accelerator: cpu, batch_size: 8, latency_ms: 9}")
    model = only_model(world(tmp_path, toys, profile(stage("clean", 2.0), stage("judge", 3.0))))
    assert model.sizing is not None
    assert model.sizing.prediction.p50_ms >= 11.0
    assert model.sizing.prediction.source == "declared in a test; clean: measured in a test"


def test_a_substitute_sizes_nothing_until_its_stage_is_declared(tmp_path: Path) -> None:
    measured = profile(stage("clean", 2.0), stage("judge", 3.0, "xgboost in a Python backend"))
    folder = world(tmp_path, measured=measured)
    assert only_model(folder).sizing is None
    (notice,) = [each for each in resolved(folder).notices if "substitute" in each]
    assert notice.startswith(
        "model 'tagging': 50 ms at 100 requests per second cannot be judged: the profile's times of 'judge' are a "
        "substitute's, not the deployed backend's"
    )
    toys = declared("{stage: judge, accelerator: cpu, batch_size: 8, latency_ms: 3}")
    assert only_model(world(tmp_path, toys, measured)).sizing is not None


def test_a_stage_that_nobody_measured_is_told(tmp_path: Path) -> None:
    folder = world(tmp_path, measured=profile(stage("clean", 2.0)))
    assert only_model(folder).sizing is None
    assert (
        "the profile of model 'tagging' has no times of 'judge' on cpu: its objective is not judged there"
    ) in resolved(folder).notices


PROBLEMS = [
    pytest.param(
        declared("{stage: jugde, accelerator: cpu, batch_size: 8, latency_ms: 3}"),
        None,
        "prod/departments/toys.yaml:12: models[0].profile.points: 'jugde' is no stage of the model, which executes "
        "clean, judge; did you mean 'judge'? (model 'tagging')",
        id="misspelt stage",
    ),
    pytest.param(
        ON_CPU,
        '{"schema": 2}',
        "models/tagging/profile.json: schema: 2 is not allowed; 1 is, which modelyard try --profile writes",
        id="another schema",
    ),
    pytest.param(
        ON_CPU,
        profile(stage("clean", 30.0), stage("judge", 30.0)),
        "prod/departments/toys.yaml:11: models[0].objective.p99_ms: 50 ms at 100 requests per second cannot be met: on "
        "cpu the 99th percentile of a request alone is 60 ms, 10 ms too slow ('clean' 30 ms, 'judge' 30 ms). Make "
        "'clean' faster, the slowest step with 30 ms, or raise p99_ms to 60 (model 'tagging')",
        id="too slow",
    ),
]


@pytest.mark.parametrize(("toys", "measured", "told"), PROBLEMS)
def test_problem(tmp_path: Path, toys: str, measured: str | None, told: str) -> None:
    assert told in lines(world(tmp_path, toys, measured))
