"""The routes of a model before a real server, and what the gateway measures."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from modelyard.catalog.metrics import metric
from modelyard.catalog.table import rows
from modelyard.serving.workload.http_route import inference_clusters

from .envoy_proxy import EnvoyProxy
from .triton_server import TritonServer

pytestmark = pytest.mark.servers


def infer(gateway: EnvoyProxy, x: float, path: str = "/v2/models/doubler/infer") -> tuple[int, str]:
    tensor = {"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [x]}
    return gateway.request(path, body=json.dumps({"inputs": [tensor]}).encode())


@pytest.mark.parametrize("path", ["/v2/models/doubler/infer", "/v2/models/doubler/versions/1/infer"])
def test_inference_passes(gateway: EnvoyProxy, path: str) -> None:
    status, text = infer(gateway, 21.0, path)
    assert (status, json.loads(text)["outputs"][0]["data"]) == (200, [42.0])


@pytest.mark.parametrize(
    "path", ["/v2", "/v2/health/ready", "/v2/models/doubler", "/v2/models/doubler/config", "/v2/models/doubler/stats"]
)
def test_metadata_passes(gateway: EnvoyProxy, path: str) -> None:
    assert gateway.request(path)[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/v2/repository/index", "/v2/repository/models/doubler/load", "/v2/systemsharedmemory/status", "/v2/logging",
     "/v2/trace/setting", "/v2/models/other/infer", "/v2/models/doubler2", "/metrics", "/"],
)  # fmt: skip
def test_nothing_else_has_a_path(gateway: EnvoyProxy, path: str) -> None:
    assert gateway.request(path, body=b"{}")[0] == 404


GRPC_CHECK = """\
import sys
import grpc
import numpy
import tritonclient.grpc as triton

options = [("grpc.default_authority", sys.argv[2])]
client = triton.InferenceServerClient(f"127.0.0.1:{sys.argv[1]}", channel_args=options)
x = triton.InferInput("x", [1, 1], "FP32")
x.set_data_from_numpy(numpy.array([[21]], dtype=numpy.float32))
print(float(client.infer("doubler", [x]).as_numpy("y")[0, 0]), client.is_server_ready())
try:
    client.get_model_repository_index()
except triton.InferenceServerException as error:
    print(error.status())
"""


def test_grpc_passes_on_the_same_name(gateway: EnvoyProxy, triton: TritonServer) -> None:
    command = [str(triton.python), "-c", GRPC_CHECK, str(gateway.port), gateway.hostname]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.split("\n")[:-1] == ["42.0 True", "StatusCode.UNIMPLEMENTED"], done.stderr


def test_the_gateway_exports_what_the_rules_name(gateway: EnvoyProxy) -> None:
    """The same names, labels and units that the alerts on errors and latency ask for."""
    assert infer(gateway, 1.0)[0] == 200
    assert infer(gateway, -1.0)[0] == 500
    text = gateway.metrics()
    wanted = {row["metric"] for row in rows("metrics.csv") if row["exporter"] == "gateway"}
    assert wanted == {name for name in wanted if re.search(rf"^{name}\{{", text, re.MULTILINE)}
    clusters = set(re.findall(r'envoy_cluster_name="([^"]+)"', text))
    measured = {name for name in clusters if re.fullmatch(inference_clusters("shop", "doubler"), name)}
    assert measured == {"httproute/shop/doubler/rule/0", "httproute/shop/doubler/rule/1"}
    errors = [
        line
        for line in text.splitlines()
        if line.startswith(f"{metric('gateway_responses')}{{")
        and 'envoy_response_code_class="5"' in line
        and "doubler/rule/0" in line
    ]
    assert len(errors) == 1
    assert float(errors[0].rsplit(" ", 1)[1]) >= 1
