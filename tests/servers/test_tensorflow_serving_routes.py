"""TensorFlow Serving's paths through the real gateway, before a server that says which path it was asked.

The server behind is no TensorFlow Serving, whose binary is in no package: what is tested is the gateway's half.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from modelyard.serving.tfserving.service_declaration import declaration, tensorflow_serving_workload
from modelyard.serving.workload.manifests import of_route
from modelyard.trial.server import Ports

from .conftest import CACHE
from .envoy_gateway import HTTPS_PORT, EnvoyGateway, build_envoy_gateway, envoy_gateway
from .network_namespace import NoNamespace, network_namespace
from .triton_server import CannotInstall, free_ports

pytestmark = [pytest.mark.servers, pytest.mark.whole]

MODEL = "resnet50"


class Echo(BaseHTTPRequestHandler):
    """Answers with the path that it was asked."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        answer = self.path.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def gateway(envoy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyGateway]:
    """The gateway with a model that serves version 1, and version 2 as its canary."""
    try:
        binary = build_envoy_gateway(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Envoy Gateway to test against: {error}")
    with ExitStack() as stack:
        try:
            stack.enter_context(network_namespace())
        except NoNamespace as error:
            pytest.skip(f"Envoy Gateway binds every interface, so it is not run here: {error}")
        server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Echo))
        thread = Thread(target=server.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        folder = tmp_path_factory.mktemp("routes") / "gateway"
        made = stack.enter_context(envoy_gateway(binary, envoy, folder, "east", "ml.example.org"))
        grpc, metrics = free_ports(2)
        made.apply(of_route(workload(f"{MODEL}.{made.domain}")), {MODEL: Ports(server.server_port, grpc, metrics)})
        yield made


def workload(hostname: str):  # type: ignore[no-untyped-def]
    owner = {"department": "shop", "cost_center": "CC-1", "environment": "prod", "owner": "shop@example.org"}
    return tensorflow_serving_workload(
        declaration(
            "routes",
            {
                "ownership": owner,  # type: ignore[typeddict-item]
                "model": MODEL,
                "cluster": "east",
                "stored": {"bucket": "models", "region": "us-east-1", "digest": "d"},
                "resources": {"gpus": 0},
                "hostname": hostname,
                "version": 1,
                "versions": [1, 2],
                "server": {"labels": {"stable": 1, "canary": 2}},
            },
        )
    )


def asked(gateway: EnvoyGateway, method: str, path: str) -> tuple[int, str]:
    """Status and what the server behind was asked."""
    host = f"{MODEL}.{gateway.domain}"
    connection = HTTPConnection(host)
    plain = socket.create_connection(("127.0.0.1", HTTPS_PORT), timeout=30)
    connection.sock = gateway.context().wrap_socket(plain, server_hostname=host)
    try:
        connection.request(method, path, body=b"{}" if method == "POST" else None)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


BELOW = f"/v1/models/{MODEL}"


@pytest.mark.parametrize(
    ("method", "path", "arrives"),
    [
        ("POST", f"{BELOW}:predict", f"{BELOW}/versions/1:predict"),
        ("POST", f"{BELOW}:classify", f"{BELOW}/versions/1:classify"),
        ("POST", f"{BELOW}:regress", f"{BELOW}/versions/1:regress"),
        ("POST", f"{BELOW}/versions/2:predict", f"{BELOW}/versions/2:predict"),
        ("POST", f"{BELOW}/labels/canary:predict", f"{BELOW}/labels/canary:predict"),
        ("GET", BELOW, BELOW),
        ("GET", f"{BELOW}/metadata", f"{BELOW}/metadata"),
        ("GET", f"{BELOW}/versions/1/metadata", f"{BELOW}/versions/1/metadata"),
    ],
)
def test_what_callers_may_ask_arrives(gateway: EnvoyGateway, method: str, path: str, arrives: str) -> None:
    assert asked(gateway, method, path) == (200, arrives)


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring/prometheus/metrics",
        f"{BELOW}/../../../monitoring/prometheus/metrics",
        "/v1/models/another:predict",
        f"{BELOW}/versions/3:predict",
        f"{BELOW}/VERSIONS/2:predict",
        "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
        "/tensorflow.ProfilerService/Profile",
    ],
)
def test_nothing_else_does(gateway: EnvoyGateway, path: str) -> None:
    assert asked(gateway, "POST", path)[0] == 404
