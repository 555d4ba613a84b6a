"""A service on loopback that answers what it is told to, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from loopback_server import loopback_server

ANSWER = b'{"outputs": [{"name": "score", "datatype": "FP32", "shape": [1, 1], "data": [0.75]}]}'


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Told:
    status: int = 200
    body: bytes = ANSWER
    headers: dict[str, str] = field(default_factory=dict)
    waits_seconds: float = 0.0


@dataclass
class Service:
    port: int
    asked: list[Asked]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def service(*told: Told) -> Iterator[Service]:
    """Answers each request with the next of ``told``, the last of them for ever."""
    asked: list[Asked] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            answer = told[min(len(asked), len(told)) - 1]
            ended.wait(answer.waits_seconds)
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST

        def log_message(self, format: str, *args: object) -> None:
            return None

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return

    with loopback_server(Handler) as server:
        try:
            yield Service(server.server_address[1], asked)
        finally:
            ended.set()
