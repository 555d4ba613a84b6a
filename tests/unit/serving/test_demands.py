"""What a repository asks of the server that it is deployed with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.registry.model_upload import object_key
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.serving.triton.demands import demands, stored_files, uploaded_files

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


def repository(folder: Path, extra: str = "", version: int | None = 1) -> Repository:
    model = folder / "fraud"
    (model / "score" / "1").mkdir(parents=True)
    (model / "score" / "1" / "model.py").write_text("class TritonPythonModel: ...")
    (model / "model.yaml").write_text(ENSEMBLE % extra)
    return build(read(model, "fraud", boundary=folder), version=version, release="26.07")


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
    assert demands(repository(tmp_path, extra)) == {"version": 1, "versions": [1], **expected}


def test_generated_files_and_files_of_this_machine_are_stored_alike(tmp_path: Path) -> None:
    made = repository(tmp_path)
    uploaded, stored = uploaded_files(made, str.upper), stored_files(made, object_key)
    assert (
        {file["key"] for file in uploaded}
        == {file["path"] for file in stored}
        >= {
            "fraud/config.pbtxt",
            "score/config.pbtxt",
            "score/1/model.py",
        }
    )
    by_key = {file["key"]: file for file in uploaded}
    assert 'platform: "ensemble"' in by_key["fraud/config.pbtxt"]["text"]
    assert by_key["score/1/model.py"]["path"] == str(tmp_path / "fraud" / "score" / "1" / "model.py").upper()
    assert all(file["object"] == f"{file['sha256'][:16]}/{file['path']}" for file in stored)
