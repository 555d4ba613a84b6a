"""A real Triton server on loopback, started with the arguments that the container gets.

The server is the one of the nvidia-pytriton wheel: a substitute, older than the image that is deployed
(:data:`SUBSTITUTE_RELEASE`). It runs Python backends, without a GPU.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from modelyard.serving.triton.container import REPOSITORY, arguments
from modelyard.serving.triton.restricted_endpoints import KEY_VARIABLE
from modelyard.serving.triton.served_model import GRPC_PORT, HTTP_PORT, METRICS_PORT

SUBSTITUTE_RELEASE = "2.51.0"
PACKAGES = ("nvidia-pytriton==0.7.0", "tritonclient[grpc,http]==2.51.0", "numpy<2")
KEY = "0d2b8a8e-7c67-4f7a-9a51-pod-uid"

_START_SECONDS = 90


class CannotInstall(Exception):
    """The packages of the substitute server could not be had; the message says what was tried."""


@dataclass(frozen=True)
class TritonHome:
    """An installed server."""

    python: Path
    binary: Path
    libraries: Path
    backends: Path


@dataclass(frozen=True)
class TritonServer:
    """A running server."""

    http_port: int
    grpc_port: int
    metrics_port: int
    python: Path

    def request(
        self, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and text of a request to the HTTP port; with a body it is a POST."""
        return fetch(f"http://127.0.0.1:{self.http_port}{path}", body, headers)

    def metrics(self) -> str:
        return fetch(f"http://127.0.0.1:{self.metrics_port}/metrics")[1]


def install(cache: Path) -> TritonHome:
    """The server in a virtual environment of its own below ``cache``, made once.

    Raises:
        CannotInstall: no package index answered, or it lacks the wheel.
    """
    venv = environment(cache / f"triton-{SUBSTITUTE_RELEASE}", PACKAGES)
    packages = next((venv / "lib").glob("python3.*")) / "site-packages"
    server = packages / "pytriton" / "tritonserver"
    backends = venv / "backends"
    if not backends.exists():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        shutil.copytree(server / "backends", backends)
        shutil.copy(server / "python_backend_stubs" / version / "triton_python_backend_stub", backends / "python")
    return TritonHome(
        venv / "bin" / "python", server / "bin" / "tritonserver", packages / "nvidia_pytriton.libs", backends
    )


def environment(venv: Path, packages: tuple[str, ...]) -> Path:
    """A virtual environment with these packages, made once.

    Raises:
        CannotInstall: no package index answered, or it lacks one of them.
    """
    ready = venv / "installed"
    if not ready.exists():
        shutil.rmtree(venv, ignore_errors=True)
        for step in (
            [sys.executable, "-m", "venv", str(venv)],
            [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages],
        ):
            done = subprocess.run(step, capture_output=True, text=True, timeout=600)
            if done.returncode:
                raise CannotInstall(f"{' '.join(step[1:4])} of {packages[0]} failed: {done.stderr.strip()[-300:]}")
        ready.touch()
    return venv


@contextmanager
def serve(home: TritonHome, repository: Path, log: Path) -> Iterator[TritonServer]:
    """The server with the container's own arguments. What differs: the folder, the ports, loopback only, and the
    folder of backends, which an image has built in."""
    http_port, grpc_port, metrics_port = free_ports(3)
    ours = {
        f"--model-repository={REPOSITORY}": f"--model-repository={repository}",
        f"--http-port={HTTP_PORT}": f"--http-port={http_port}",
        f"--grpc-port={GRPC_PORT}": f"--grpc-port={grpc_port}",
        f"--metrics-port={METRICS_PORT}": f"--metrics-port={metrics_port}",
    }
    given = arguments()
    assert set(ours) < set(given), "the container's arguments no longer hold what this substitutes"
    command = [ours.get(argument, argument).replace(f"$({KEY_VARIABLE})", KEY) for argument in given[1:]]
    command += [f"--backend-directory={home.backends}"]
    command += [f"--{port}-address=127.0.0.1" for port in ("http", "grpc", "metrics")]
    environment = {
        "PATH": f"{home.python.parent}:{os.environ['PATH']}",
        "HOME": str(log.parent),
        "LD_LIBRARY_PATH": f"{home.libraries}:{Path(sys.base_prefix) / 'lib'}",
        "PYTHONPATH": str(home.libraries.parent),
    }
    with log.open("w") as output:
        process = subprocess.Popen([str(home.binary), *command], stdout=output, stderr=output, env=environment)
        try:
            _wait(process, http_port, log)
            yield TritonServer(http_port, grpc_port, metrics_port, home.python)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], http_port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"tritonserver ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if fetch(f"http://127.0.0.1:{http_port}/v2/health/ready")[0] == 200:
                return
        except URLError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"tritonserver was not ready after {_START_SECONDS} s:\n{log.read_text()[-3000:]}")


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    try:
        with urlopen(Request(url, data=body, headers=headers or {}), timeout=20) as answer:
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
