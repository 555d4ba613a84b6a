"""What a repository asks of the server as a whole, and what probes see, on a real server."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from modelyard.serving.triton.server_options import RateLimitResource, ServerOptions
from modelyard.serving.workload.probes import probes
from modelyard.trial.server import CannotServe, serve

from .envoy_proxy import model_behind_gateway
from .triton_server import TritonHome, TritonServer

pytestmark = pytest.mark.servers

OPTIONS = ServerOptions(
    response_cache_mib=8,
    rate_limiter=True,
    rate_limit_resources=(RateLimitResource("slots", 1),),
    backend_config={"python": {"shm-default-byte-size": "2097152"}},
)
CONFIG = """\
backend: "python"
max_batch_size: 8
input [{ name: "x", data_type: TYPE_FP32, dims: [ 1 ] }]
output [{ name: "y", data_type: TYPE_FP32, dims: [ 1 ] }]
instance_group [{ kind: KIND_CPU rate_limiter { resources [{ name: "slots" count: 1 }] } }]
version_policy { all { } }
response_cache { enable: true }
"""
MODEL = """\
import time

import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        time.sleep(0.02)
        x = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", each * VERSION)]) for each in x]
"""


def repository(folder: Path) -> Path:
    """``scaler`` multiplies by its version, of which there are two."""
    for version in (1, 2):
        (folder / "scaler" / str(version)).mkdir(parents=True)
        (folder / "scaler" / str(version) / "model.py").write_text(MODEL.replace("VERSION", str(version)))
    (folder / "scaler" / "config.pbtxt").write_text(CONFIG)
    return folder


@pytest.fixture(scope="module")
def server(triton_home: TritonHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    models = repository(tmp_path_factory.mktemp("options") / "models")
    with serve(triton_home, models, extra_arguments=OPTIONS.arguments()) as running:
        yield TritonServer(running, triton_home.python)


def infer(server: TritonServer, path: str, x: float) -> float:
    body = json.dumps({"inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [x]}]}).encode()
    status, text = server.request(f"/v2/models/scaler{path}/infer", body=body)
    assert status == 200, text
    return json.loads(text)["outputs"][0]["data"][0]


def test_versions_answer_side_by_side_and_the_newest_by_default(server: TritonServer) -> None:
    answers = [infer(server, path, 3.0) for path in ("", "/versions/1", "/versions/2")]
    assert answers == [6.0, 3.0, 6.0]


def test_the_response_cache_answers_what_was_asked_before(server: TritonServer) -> None:
    assert infer(server, "/versions/1", 11.0) == infer(server, "/versions/1", 11.0)
    (hits,) = re.findall(r'nv_cache_num_hits_per_model\{model="scaler",version="1"\} (\S+)', server.metrics())
    assert float(hits) >= 1


def test_the_rate_limiter_counts(triton_home: TritonHome, tmp_path: Path) -> None:
    """An instance that asks for more than there is cannot be loaded, which it could while the limiter is off."""
    models = repository(tmp_path / "models")
    config = models / "scaler" / "config.pbtxt"
    config.write_text(config.read_text().replace("count: 1", "count: 2"))
    with pytest.raises(CannotServe, match="slots"), serve(triton_home, models, extra_arguments=OPTIONS.arguments()):
        pass


def test_a_busy_server_answers_its_probes(server: TritonServer) -> None:
    """More requests than it can take: probes still get their answers in the time that they allow."""
    expected = probes(model_behind_gateway("scaler"))
    stop = threading.Event()
    answered: list[int] = []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", server.http_port, timeout=60)
        n = 0
        while not stop.is_set():
            n += 1
            x = [float(n), float(id(connection) % 1000003)]
            tensor = {"name": "x", "shape": [2, 1], "datatype": "FP32", "data": x}
            connection.request("POST", "/v2/models/scaler/infer", json.dumps({"inputs": [tensor]}))
            answer = connection.getresponse()
            answer.read()
            answered.append(answer.status)
        connection.close()

    callers = [threading.Thread(target=ask) for _ in range(48)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(20):
            for probe in expected.values():
                kubelet = HTTPConnection("127.0.0.1", server.http_port, timeout=probe["timeoutSeconds"])
                kubelet.request("GET", probe["httpGet"]["path"])
                assert kubelet.getresponse().status == 200
                kubelet.close()
            time.sleep(0.05)
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    assert set(answered) == {200}
