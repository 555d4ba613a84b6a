"""What callers of a model that sleeps get, from the real Envoy Gateway with a real Envoy."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from modelyard.environment.scaling import Scaling
from modelyard.serving.autoscaling.wake_up import RETRY_AFTER_SECONDS, let_sleep
from modelyard.serving.workload.http_route import http_route, inference_clusters
from modelyard.serving.workload.traffic_policy import backend_traffic_policy
from modelyard.trial.server import Ports

from .conftest import CACHE
from .envoy_gateway import HTTPS_PORT, EnvoyGateway, build_envoy_gateway, envoy_gateway
from .envoy_proxy import model_behind_gateway
from .network_namespace import NoNamespace, network_namespace
from .triton_server import CannotInstall, free_ports

pytestmark = [pytest.mark.servers, pytest.mark.whole]

MODEL = "sleeper"
COUNTER = re.compile(r'^envoy_cluster_upstream_rq_completed\{envoy_cluster_name="([^"]+)"\} (\d+)$', re.MULTILINE)


class Server(BaseHTTPRequestHandler):
    """Answers with the status that the request asks for."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(int(self.headers.get("x-status", 200)))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def gateway(envoy: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyGateway]:
    folder = tmp_path_factory.mktemp("sleeping")
    try:
        binary = build_envoy_gateway(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no Envoy Gateway to test against: {error}")
    with ExitStack() as stack:
        try:
            stack.enter_context(network_namespace())
        except NoNamespace as error:
            pytest.skip(f"no gateway to test against: {error}")
        yield stack.enter_context(envoy_gateway(binary, envoy, folder / "gateway", "east", "ml.example.org"))


def test_callers_are_told_to_come_again_until_the_model_is_awake(gateway: EnvoyGateway) -> None:
    """The address of a Service without pods refuses connections. A 503 of the server itself stays as it is."""
    (port,) = free_ports(1)
    lead_to(gateway, port)
    for asked in range(1, 9):
        status, headers = ask(gateway)
        assert (status, headers.get("retry-after")) == (503, str(RETRY_AFTER_SECONDS))
        assert counted(gateway) == asked
    server = ThreadingHTTPServer(("127.0.0.1", port), Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        assert ask(gateway)[0] == 200, "the gateway does not shun an address that has refused so often"
        status, headers = ask(gateway, {"x-status": "503"})
        assert (status, headers.get("retry-after")) == (503, None)
        assert counted(gateway) == 10
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def lead_to(gateway: EnvoyGateway, port: int) -> None:
    model = model_behind_gateway(MODEL)
    route, policy = http_route(model), backend_traffic_policy(model)
    assert route is not None and policy is not None
    asleep = let_sleep(policy, Scaling(min_replicas=0))
    gateway.apply([route, asleep], {MODEL: Ports(http=port, grpc=port, metrics=port)})


def ask(gateway: EnvoyGateway, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str]]:
    """One request on a connection of its own."""
    host = f"{MODEL}.{gateway.domain}"
    connection = http.client.HTTPConnection(host, timeout=30)
    plain = socket.create_connection(("127.0.0.1", HTTPS_PORT), 10)
    try:
        connection.sock = gateway.context().wrap_socket(plain, server_hostname=host)
        connection.request("POST", f"/v2/models/{MODEL}/infer", b"{}", dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        return answer.status, dict(answer.getheaders())
    finally:
        connection.close()
        plain.close()


def counted(gateway: EnvoyGateway) -> int:
    """Requests that count as demand for this model."""
    clusters = re.compile(inference_clusters("shop", MODEL))
    return sum(int(count) for name, count in COUNTER.findall(gateway.metrics()) if clusters.fullmatch(name))
