"""From a declaration to an answer: built, stored as it would be uploaded, fetched by the pod's script, served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.registry.model_upload import object_key
from modelyard.repository.build import build
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.serving.triton.demands import service_arguments
from modelyard.serving.triton.server import arguments as arguments_of_every_server
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.trial.server import serve

from .conftest import CACHE
from .object_stores import Store, install_stores, s3
from .test_model_sync import PREFIX, Pod
from .triton_server import CannotInstall, TritonHome, TritonServer

pytestmark = pytest.mark.servers

DECLARATION = """\
format: ensemble
max_batch_size: 8
inputs: [{name: amount, dtype: FP32, dims: [1]}]
outputs: [{name: decision, dtype: FP32, dims: [1]}]
steps:
  - {model: prepare, inputs: {x: amount}, outputs: {y: prepared}}
  - {model: score, inputs: {x: prepared}, outputs: {y: decision}}
models:
  - {name: prepare, <<: &stage {format: python, max_batch_size: 8, inputs: [{name: x, dtype: FP32, dims: [1]}],
     outputs: [{name: y, dtype: FP32, dims: [1]}], response_cache: true, instances: [{kind: cpu, count: 1}]}}
  - {name: score, <<: *stage}
"""
STAGE = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        x = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", FORMULA)]) for each in x]
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    try:
        programs = install_stores(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no rclone and no stores to test against: {error}")
    (tmp_path / "s3").mkdir()
    with s3(programs, tmp_path / "s3") as running:
        yield running


def two_stages(tmp_path: Path) -> Repository:
    """Version 2 of an ensemble that adds one, then multiplies by ten."""
    source = tmp_path / "source" / "fraud"
    for name, formula in {"prepare": "each + 1", "score": "each * 10"}.items():
        (source / name / "2").mkdir(parents=True)
        (source / name / "2" / "model.py").write_text(STAGE.replace("FORMULA", formula))
    (source / "model.yaml").write_text(DECLARATION)
    return build(read(source, "fraud", boundary=tmp_path), version=2, release="26.07")


def test_what_is_declared_is_served(store: Store, triton_home: TritonHome, tmp_path: Path) -> None:
    made = two_stages(tmp_path)
    objects = {file.key: object_key(file.key, file.sha256) for file in made.files}
    for file in made.files:
        content = (file.text or "").encode() if file.path is None else Path(file.path).read_bytes()
        store.put({f"{PREFIX}/{objects[file.key]}": content})
    files = [
        {"path": file.key, "object": objects[file.key], "sha256": file.sha256, "size_bytes": file.size}
        for file in made.files
    ]

    (tmp_path / "pod").mkdir()
    pod = Pod(store, tmp_path / "pod", files=files)
    assert pod.sync().status == 0

    asked = service_arguments(made)
    assert asked == {"server": {"response_cache_mib": 64}}
    ownership = {"department": "risk", "cost_center": "C", "environment": "prod", "owner": "risk@example.org"}
    where = {"bucket": "models", "prefix": PREFIX, "region": "us-east-1", "digest": made.digest, "files": files}
    arguments: Any = {
        "ownership": ownership,
        "model": "fraud",
        "cluster": "east",
        "resources": {"gpus": 0},
        "stored": where,
        "version": 2,
        **asked,
    }
    model = triton_workload(declaration("fraud", arguments))
    asked_for = [each for each in model.server.args if each not in arguments_of_every_server()]
    with serve(triton_home, pod.volume / "models", extra_arguments=asked_for) as running:
        server = TritonServer(running, triton_home.python)
        tensor = {"name": "amount", "shape": [2, 1], "datatype": "FP32", "data": [1.0, 4.0]}
        body = json.dumps({"inputs": [tensor]}).encode()
        for _ in range(2):
            status, text = server.request("/v2/models/fraud/versions/2/infer", body=body)
            assert (status, json.loads(text)["outputs"][0]["data"]) == (200, [20.0, 50.0])
        assert 'nv_cache_num_hits_per_model{model="score",version="2"} 1' in server.metrics()
