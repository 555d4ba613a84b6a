"""The real Triton server of ``modelyard try``, as the tests of this folder use it.

It is older than the image that is deployed (:data:`SUBSTITUTE_RELEASE`), and runs Python backends without a GPU.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from modelyard.trial import packages
from modelyard.trial.packages import CannotInstall
from modelyard.trial.server import RunningServer
from modelyard.trial.server import serve as serve_repository
from modelyard.trial.server_home import ServerHome as TritonHome
from modelyard.trial.server_home import known_server, server_home

__all__ = ["CannotInstall", "TritonHome", "TritonServer", "environment", "fetch", "free_ports", "install", "serve"]

SUBSTITUTE_RELEASE = known_server().version


@dataclass(frozen=True)
class TritonServer:
    """A running server, as these tests ask it."""

    running: RunningServer
    python: Path
    """An interpreter with tritonclient and gRPC."""

    @property
    def http_port(self) -> int:
        return self.running.ports.http

    @property
    def grpc_port(self) -> int:
        return self.running.ports.grpc

    @property
    def metrics_port(self) -> int:
        return self.running.ports.metrics

    @property
    def key(self) -> str:
        """Opens the endpoints that are closed."""
        return self.running.key

    def request(
        self, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text of a request to the HTTP port; with a body it is a POST."""
        return fetch(f"http://{self.running.http_url}{path}", body, headers)

    def metrics(self) -> str:
        return fetch(self.running.metrics_url)[1]


def install(cache: Path) -> TritonHome:
    """The server below ``cache``, made once.

    Raises:
        CannotInstall: no package index answered, or it lacks the wheel.
    """
    return server_home(cache)


def environment(venv: Path, requirements: tuple[str, ...]) -> Path:
    """A virtual environment with these packages, made once.

    Raises:
        CannotInstall: no package index answered, or it lacks one of them.
    """
    return packages.environment(venv, requirements, python=Path(sys.executable))


@contextmanager
def serve(home: TritonHome, repository: Path, log: Path) -> Iterator[TritonServer]:
    """The server with the container's own arguments."""
    with serve_repository(home, repository, log=log) as running:
        yield TritonServer(running, Path(sys.executable))


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    try:
        with urlopen(Request(url, data=body, headers=headers or {}), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
