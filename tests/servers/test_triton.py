"""The arguments that the container gets, on a real server."""

from __future__ import annotations

import json
import subprocess

import pytest
from modelyard.serving.triton.restricted_endpoints import HEADER

from .triton_server import TritonServer

pytestmark = pytest.mark.servers

TRACE = json.dumps({"trace_level": ["OFF"]}).encode()
LOGGING = json.dumps({"log_verbose_level": 0}).encode()
RESTRICTED = [
    ("/v2/repository/index", b"{}"),
    ("/v2/repository/models/doubler/load", b"{}"),
    ("/v2/repository/models/doubler/unload", b"{}"),
    ("/v2/systemsharedmemory/status", None),
    ("/v2/systemsharedmemory/region/a/register", b'{"key":"/a","byte_size":1}'),
    ("/v2/cudasharedmemory/status", None),
    ("/v2/trace/setting", TRACE),
    ("/v2/models/doubler/trace/setting", TRACE),
    ("/v2/logging", LOGGING),
]
OPEN = ["/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/doubler/ready", "/v2/models/doubler"]


def infer(triton: TritonServer, x: float) -> tuple[int, str]:
    tensor = {"name": "x", "shape": [1, 1], "datatype": "FP32", "data": [x]}
    return triton.request("/v2/models/doubler/infer", body=json.dumps({"inputs": [tensor]}).encode())


def test_it_infers_without_a_key(triton: TritonServer) -> None:
    status, text = infer(triton, 21.0)
    assert (status, json.loads(text)["outputs"][0]["data"]) == (200, [42.0])


@pytest.mark.parametrize("path", OPEN)
def test_probes_and_metadata_need_no_key(triton: TritonServer, path: str) -> None:
    assert triton.request(path)[0] == 200


@pytest.mark.parametrize(("path", "body"), RESTRICTED)
@pytest.mark.parametrize("headers", [{}, {HEADER: "guessed"}], ids=["no-key", "wrong-key"])
def test_what_manages_the_server_is_closed(
    triton: TritonServer, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    status, text = triton.request(path, body=body, headers=headers)
    assert status == 403
    assert "restricted" in text.lower()


def test_the_key_opens_it(triton: TritonServer) -> None:
    status, text = triton.request("/v2/repository/index", body=b"{}", headers={HEADER: triton.key})
    assert status == 200
    assert [model["name"] for model in json.loads(text)] == ["doubler"]


GRPC_CHECK = """\
import sys
import numpy
import tritonclient.grpc as triton

client = triton.InferenceServerClient(f"127.0.0.1:{sys.argv[1]}")
x = triton.InferInput("x", [1, 1], "FP32")
x.set_data_from_numpy(numpy.array([[21]], dtype=numpy.float32))
print(float(client.infer("doubler", [x]).as_numpy("y")[0, 0]))
closed = [
    client.get_model_repository_index,
    lambda **k: client.load_model("doubler", **k),
    client.get_system_shared_memory_status,
    lambda **k: client.update_trace_settings(settings={"trace_level": "OFF"}, **k),
    lambda **k: client.update_log_settings({"log_verbose_level": 0}, **k),
]
for call in closed:
    try:
        call()
        print("open")
    except triton.InferenceServerException as error:
        print(error.status())
key = {"triton-grpc-protocol-" + sys.argv[2]: sys.argv[3]}
print(len(client.get_model_repository_index(headers=key).models))
"""


def test_grpc_is_closed_in_the_same_way(triton: TritonServer) -> None:
    done = subprocess.run(
        [str(triton.python), "-c", GRPC_CHECK, str(triton.grpc_port), HEADER, triton.key],
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:-1] == ["42.0", *["StatusCode.UNAVAILABLE"] * 5, "1"]
