"""The client's three ways to ask, at a real Triton: JSON, bytes, and gRPC; past its ports for the clouds, and Envoy."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from modelyard.repository.protobuf import new_config
from modelyard.serving.client import Client, Endpoint, NotReached, Refused, Tensor
from modelyard.trial.deployed import ask_place, questions

from .cloud_service import cloud_service
from .envoy_proxy import EnvoyProxy
from .network_namespace import NoNamespace, network_namespace
from .test_sagemaker_container import ping
from .triton_server import TritonHome, TritonServer, free_ports, serve

pytestmark = pytest.mark.servers
DATATYPES = ("FP16", "FP32", "FP64", "INT8", "INT64", "UINT16")
NUMBERS = [[1.5, -2.0], [0.25, 40.0]]
CONFIG = """\
backend: "python"
max_batch_size: 8
input [{{ name: "x", data_type: TYPE_{0}, dims: [ -1 ] }}]
output [{{ name: "y", data_type: TYPE_{0}, dims: [ -1 ] }}]
instance_group [{{ kind: KIND_CPU }}]
"""


@dataclass(frozen=True)
class Cloud:
    asked: str
    """Path of the service."""
    takes: str
    """Path of Triton's port."""
    arguments: tuple[str, ...]


CLOUDS = {
    "sagemaker": Cloud(
        "/endpoints/a/invocations", "/invocations", ("--allow-sagemaker=true", "--sagemaker-port={port}")
    ),
    "vertex": Cloud(
        "/v1/projects/p/locations/r/endpoints/1:rawPredict",
        "/predict",
        ("--allow-vertex-ai=true", "--vertex-ai-port={port}", "--vertex-ai-default-model={model}"),
    ),
}
ECHO = """\
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def execute(self, requests):
        given = [pb_utils.get_input_tensor_by_name(each, "x").as_numpy() for each in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", each)]) for each in given]
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model for each data type that gives back what it gets, ``echo_fp16``; and one of texts."""
    folder = tmp_path_factory.mktemp("echo")
    for name in (*DATATYPES, "STRING"):
        version = folder / f"echo_{name.lower()}" / "1"
        version.mkdir(parents=True)
        (version / "model.py").write_text(ECHO)
        (version.parent / "config.pbtxt").write_text(CONFIG.format(name))
    return folder


@pytest.fixture(scope="module")
def triton_of_echoes(
    triton_home: TritonHome, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TritonServer]:
    with serve(triton_home, repository, tmp_path_factory.mktemp("log") / "triton.log") as running:
        yield running


Asked = Callable[[str], Client]


@contextmanager
def asking(server: TritonServer, protocol: str) -> Iterator[Asked]:
    port = server.grpc_port if protocol == "grpc" else server.http_port
    made: list[Client] = []

    def client(model: str) -> Client:
        endpoint = Endpoint.at(f"http://127.0.0.1:{port}", model)
        made.append(Client(endpoint, protocol="grpc" if protocol == "grpc" else "http"))
        return made[-1]

    try:
        yield client
    finally:
        for each in made:
            each.close()


@pytest.mark.parametrize("protocol", ["binary", "grpc"])
@pytest.mark.parametrize("datatype", DATATYPES)
def test_what_goes_as_bytes_comes_back(triton_of_echoes: TritonServer, datatype: str, protocol: str) -> None:
    values = NUMBERS if datatype.startswith("FP") else [[1, 2], [3, 40]]
    with asking(triton_of_echoes, protocol) as client:
        answer = client(f"echo_{datatype.lower()}").infer([Tensor.of("x", datatype, values)], binary=True)
    assert answer.outputs["y"] == Tensor.of("y", datatype, values)


@pytest.mark.parametrize("protocol", ["json", "binary", "grpc"])
def test_texts_are_the_same_however_they_are_asked(triton_of_echoes: TritonServer, protocol: str) -> None:
    values = [["grüße", ""], ["a\nb", "你好"]]
    with asking(triton_of_echoes, protocol) as client:
        answer = client("echo_string").infer([Tensor.of("x", "BYTES", values)], binary=protocol == "binary")
    assert answer.outputs["y"] == Tensor.of("y", "BYTES", values)


def test_json_is_not_asked_for_what_it_cannot_hold(triton_of_echoes: TritonServer) -> None:
    with asking(triton_of_echoes, "http") as client:
        assert client("echo_fp16").infer([Tensor.of("x", "FP16", [[1.5]])])["y"] == (1.5,)
        assert client("echo_string").infer([Tensor.of("x", "BYTES", [[b"\xff\x00"]])])["y"] == (b"\xff\x00",)
        with pytest.raises(Refused) as raised:
            client("echo_fp16").infer([Tensor.of("x", "FP32", [[1.5]])])
    assert raised.value.status == 400


@pytest.mark.parametrize("datatype", ["FP16", "FP32"])
def test_a_smoke_test_takes_bytes_where_the_model_has_no_json(triton_of_echoes: TritonServer, datatype: str) -> None:
    config = text_format.Parse(CONFIG.format(datatype), new_config())
    config.name = f"echo_{datatype.lower()}"
    with asking(triton_of_echoes, "http") as client:
        place = ask_place("", client(config.name), config, questions(config, None, 3))
    assert [(each.question, each.wrong, each.unanswered) for each in place.asked] == [
        (question, None, None) for question in ("1 row, made up", "8 rows, made up", "1 row, made up")
    ]


def test_refusals_over_grpc_are_sentences(triton_of_echoes: TritonServer) -> None:
    with asking(triton_of_echoes, "grpc") as client:
        with pytest.raises(Refused) as raised:
            client("echo_fp32").infer([Tensor.of("x", "INT32", [[1]])])
        assert raised.value.status == 400
        assert "data-type is 'INT32', but model 'echo_fp32' expects 'FP32'" in str(raised.value)
        with pytest.raises(Refused, match=r"unknown model: 'ecko' is not found"):
            client("ecko").infer([Tensor.of("x", "FP32", [[1]])])
    (port,) = free_ports(1)
    nobody = Client(Endpoint.at(f"http://127.0.0.1:{port}", "m"), protocol="grpc", pause=lambda _: None)
    with pytest.raises(NotReached, match=r"^127\.0\.0\.1 is not reached over gRPC; check the address, its port"):
        nobody.infer([Tensor.of("x", "FP32", [[1]])])
    nobody.close()


@pytest.mark.parametrize("protocol", ["json", "binary", "grpc"])
def test_every_way_passes_the_gateway(gateway: EnvoyProxy, protocol: str) -> None:
    client = Client(
        Endpoint.at(f"http://127.0.0.1:{gateway.port}", "doubler"),
        protocol="grpc" if protocol == "grpc" else "http",
        headers={"Host": gateway.hostname},
    )
    answer = client.infer([Tensor.of("x", "FP32", [[21]])], binary=protocol == "binary")
    client.close()
    assert answer["y"] == (42.0,)


@pytest.mark.parametrize("target", sorted(CLOUDS))
def test_tritons_ports_for_the_clouds_take_bytes(
    monkeypatch: pytest.MonkeyPatch, triton_home: TritonHome, repository: Path, tmp_path: Path, target: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_OAUTH_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "of-nobody")
    with ExitStack() as alone:
        try:
            # The server's ports for the clouds are on every interface, whatever it is told.
            alone.enter_context(network_namespace())
        except NoNamespace as error:
            pytest.skip(f"cannot keep the server on loopback: {error}")
        port = alone.enter_context(cloud_port(triton_home, repository, target, "echo_fp16", tmp_path / "log"))
        url = alone.enter_context(cloud_service(CLOUDS[target].asked, f"http://127.0.0.1:{port}{CLOUDS[target].takes}"))
        client = Client(Endpoint(target, url + CLOUDS[target].asked, "echo_fp16", "us-east-1"))
        answer = client.infer([Tensor.of("x", "FP16", NUMBERS)])
    assert answer.outputs["y"] == Tensor.of("y", "FP16", NUMBERS)


@contextmanager
def cloud_port(home: TritonHome, repository: Path, target: str, model: str, log: Path) -> Iterator[int]:
    """A server that is started as the cloud's container starts it for one model."""
    (port,) = free_ports(1)
    command = [
        str(home.binary),
        f"--model-repository={repository}",
        f"--backend-directory={home.backends}",
        *(each.format(port=port, model=model) for each in CLOUDS[target].arguments),
        "--allow-http=false",
        "--allow-grpc=false",
        "--allow-metrics=false",
        "--model-control-mode=explicit",
        f"--load-model={model}",
    ]
    own = {
        "PATH": f"{home.python.parent}:{os.environ.get('PATH', os.defpath)}",
        "LD_LIBRARY_PATH": ":".join(map(str, home.libraries)),
        "SAGEMAKER_TRITON_DEFAULT_MODEL_NAME": model,
        "AIP_PREDICT_ROUTE": CLOUDS["vertex"].takes,
        "AIP_HEALTH_ROUTE": "/ping",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=own, stdout=output, stderr=subprocess.STDOUT)
        try:
            assert ping(port) == 200
            yield port
        finally:
            process.terminate()
            process.wait(timeout=60)
