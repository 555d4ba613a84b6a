"""What a repository asks of the server that it is deployed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.repository.repository import Repository
from modelyard.serving.triton.demands import service_arguments

from ..repository import models

CODE = "class TritonPythonModel: ..."
ENSEMBLE = """\
format: ensemble
max_batch_size: 8
inputs: [{name: x, dtype: FP32, dims: [1]}]
outputs: [{name: y, dtype: FP32, dims: [1]}]
steps: [{model: score, inputs: {x: x}, outputs: {y: y}}]
models:
  - name: score
    format: python
    max_batch_size: 8
    inputs: [{name: x, dtype: FP32, dims: [1]}]
    outputs: [{name: y, dtype: FP32, dims: [1]}]
    %s
"""


def repository(root: Path, extra: str = "", version: int | None = 1) -> Repository:
    return models.repository(root, {"model.yaml": ENSEMBLE % extra, "score/1/model.py": CODE}, version=version)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("", {}),
        ("response_cache: true", {"server": {"response_cache_mib": 64}}),
        (
            "instances: [{kind: cpu, rate_limiter: {resources: [{name: slots, count: 1}]}}]",
            {"server": {"rate_limiter": True}},
        ),
        ("instances: [{kind: mig, mig_profile: 1g.10gb}]", {"mig_profile": "1g.10gb"}),
    ],
    ids=["nothing", "response cache", "rate limiter", "slice of a GPU"],
)
def test_what_a_composing_model_needs_the_server_gets(tmp_path: Path, extra: str, expected: dict[str, Any]) -> None:
    assert service_arguments(repository(tmp_path, extra)) == expected


def test_several_versions_are_named(tmp_path: Path) -> None:
    made = repository(tmp_path, "version_policy: all")
    assert service_arguments(made) == {}
    single = (
        "format: python\ninputs: [{name: x, dtype: FP32, dims: [1]}]\noutputs: [{name: y, dtype: FP32, dims: [1]}]\n"
        "version_policy: all\n"
    )
    files = {"model.yaml": single, "1/model.py": CODE, "3/model.py": CODE}
    made = models.repository(tmp_path, files, "tagger", version=3)
    assert service_arguments(made) == {"versions": [1, 3]}
