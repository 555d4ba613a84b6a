"""The check that Docker runs inside the container, run by a real bash against a real server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from shutil import which

import pytest
from loopback_server import loopback_server
from modelyard.serving.local.health_check import health_check

pytestmark = pytest.mark.skipif(which("bash") is None, reason="no bash on this machine")

STATES = {"/v1/models/a/versions/1/metadata": 200, "/v1/models/loading/versions/1/metadata": 503, "/200": 404}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(STATES.get(self.path, 500))
        self.end_headers()
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with loopback_server(Handler) as server:
        yield server.server_port


@pytest.mark.parametrize(("path", "status"), STATES.items())
def test_it_succeeds_when_the_answer_is_200_and_at_no_other(port: int, path: str, status: int) -> None:
    how, *command = health_check(path, port)
    assert how == "CMD"
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert (done.returncode == 0) is (status == 200)


def test_it_fails_where_nothing_listens() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    done = subprocess.run(health_check("/", port)[1:], capture_output=True, timeout=120, check=False)
    assert done.returncode != 0
