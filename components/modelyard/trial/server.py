"""A real Triton server on loopback, started with the arguments that the container gets.

What differs from the container: folders, ports, loopback alone, and the name of its shared memory, so that none of it
stays behind.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NoReturn

from ..serving.triton.restricted_endpoints import HEADER, KEY_VARIABLE
from ..serving.triton.server import GRPC_PORT, HTTP_PORT, METRICS_PORT, arguments
from ..serving.workload.server import REPOSITORY
from .address import ServerAddress
from .guarded_server import CannotServe, GuardedServer, GuardPlan
from .server_home import ServerHome
from .server_log import port_in_use, reason, stuck, tail

START_SECONDS = 120.0
"""Default deadline for readiness: the server waits for ever on some faults."""

_GRACE_SECONDS = 8.0
_INTERRUPTED_GRACE_SECONDS = 2.0
_POLL_SECONDS = 0.05


class PortInUse(CannotServe):
    """Another process listens on a port."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the server listens on loopback; 0: any free port."""

    http: int = 0
    grpc: int = 0
    metrics: int = 0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that is ready."""

    ports: Ports
    key: str
    """Opens the endpoints that are closed to callers."""
    pid: int
    """Of the server; also its process group, which the processes of Python models belong to."""
    version: str
    log: Path

    @property
    def http_url(self) -> str:
        """``host:port``, as tritonclient takes it."""
        return f"127.0.0.1:{self.ports.http}"

    @property
    def grpc_url(self) -> str:
        return f"127.0.0.1:{self.ports.grpc}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.metrics}/metrics"

    @property
    def address(self) -> ServerAddress:
        """For what asks it."""
        return ServerAddress(
            http=f"http://{self.http_url}",
            grpc=self.grpc_url,
            metrics=self.metrics_url,
            process_group=self.pid,
            management_key=(HEADER, self.key),
        )

    def ended(self) -> bool:
        """Whether the process is gone."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False


@contextmanager
def serve(
    home: ServerHome,
    repository: Path,
    *,
    ports: Ports = Ports(),
    start_seconds: float = START_SECONDS,
    log: Path | None = None,
    extra_arguments: Sequence[str] = (),
    interpreters: Mapping[str, Path] | None = None,
    variables: Mapping[str, str] | None = None,
    on_wait: Callable[[float], None] | None = None,
    orphans: Sequence[Path] = (),
) -> Iterator[RunningServer]:
    """A server of this repository that is ready; at the end it is gone, with its processes and its shared memory.

    ``repository`` is not changed. ``log`` defaults to a file that goes with the server. ``interpreters`` maps a model
    to the ``bin/python`` of the virtual environment that its Python backend runs in. ``variables`` are the
    container's environment variables. ``on_wait`` is called with the seconds since the start until it is ready.
    ``orphans`` are folders of the caller that are removed where it is killed and cannot do so.

    Raises:
        CannotServe: it ended, or was not ready after ``start_seconds``.
        PortInUse: a port that was named is taken. Ports that were not named are chosen again once.
    """
    named = [port for port in (ports.http, ports.grpc, ports.metrics) if port]
    for attempt in (1, 2):
        chosen = _free(ports)
        run = _Run(home, repository, log, interpreters or {}, orphans)
        try:
            try:
                server = run.start(chosen, extra_arguments, variables or {}, start_seconds, on_wait)
            except PortInUse:
                if attempt == 2 or len(named) == 3:
                    raise
                continue
            yield server
            run.stop(_GRACE_SECONDS)
        finally:
            # After an ordinary end there is nothing left to do here.
            run.stop(_INTERRUPTED_GRACE_SECONDS)
        return


class _Run:
    """One attempt: a folder, a guard and the server."""

    def __init__(
        self,
        home: ServerHome,
        repository: Path,
        log: Path | None,
        interpreters: Mapping[str, Path],
        orphans: Sequence[Path],
    ) -> None:
        self._home = home
        self._orphans = orphans
        self._folder = _temporary_folder()
        self._log = log or self._folder / "triton.log"
        self._shared_memory = f"modelyard-{os.getpid()}-{secrets.token_hex(4)}-"
        self._guarded: GuardedServer | None = None
        try:
            _mirror(repository, self._folder / "models", home, interpreters)
            (self._folder / "backends").symlink_to(home.backends)
            self._log.write_bytes(b"")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def start(
        self,
        ports: Ports,
        extra_arguments: Sequence[str],
        variables: Mapping[str, str],
        start_seconds: float,
        on_wait: Callable[[float], None] | None,
    ) -> RunningServer:
        key = secrets.token_hex(16)
        self._guarded = guarded = GuardedServer(
            GuardPlan(
                command=[str(self._home.binary), *self._arguments(ports, key), *extra_arguments],
                environment={**variables, **self._environment()},
                cwd=str(self._folder),
                log=str(self._log),
                shared_memory=self._shared_memory,
                folders=[str(self._folder)],
                orphans=[str(folder.absolute()) for folder in self._orphans],
            )
        )
        pid = guarded.pid()
        version = self._wait(guarded, ports, key, start_seconds, on_wait)
        return RunningServer(ports, key, pid, version, self._log)

    def stop(self, grace_seconds: float) -> None:
        """End the server and what it left; a second call does nothing."""
        guarded, self._guarded = self._guarded, None
        if guarded is not None:
            guarded.stop(grace_seconds)
        # The guard has done this, unless somebody killed it.
        for left in Path("/dev/shm").glob(f"{self._shared_memory}*"):
            left.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(
        self,
        guarded: GuardedServer,
        ports: Ports,
        key: str,
        start_seconds: float,
        on_wait: Callable[[float], None] | None,
    ) -> str:
        """The version that the ready server names."""
        start = time.monotonic()
        while True:
            ended = guarded.heard(_POLL_SECONDS)
            if ended:
                self._refuse(ended, ports)
            waited = time.monotonic() - start
            if (version := _ready(ports.http, key)) is not None:
                return version
            if on_wait is not None:
                on_wait(waited)
            if waited > start_seconds:
                text = self._text()
                hint = stuck(text) or "it says no reason"
                raise CannotServe(f"the server was not ready after {start_seconds:g} s: {hint}", tail(text))

    def _refuse(self, ended: Mapping[str, Any], ports: Ports) -> NoReturn:
        text = self._text()
        port = port_in_use(text)
        if port is not None:
            raise PortInUse(f"port {port} is in use by another process; name another, or let one be chosen")
        code = ended.get("exit")
        how = f"was killed by signal {-code}" if isinstance(code, int) and code < 0 else f"ended with exit code {code}"
        raise CannotServe(f"the server {how}: {reason(text) or 'it says no reason'}", tail(text))

    def _arguments(self, ports: Ports, key: str) -> list[str]:
        ours = {
            f"--model-repository={REPOSITORY}": f"--model-repository={self._folder / 'models'}",
            f"--http-port={HTTP_PORT}": f"--http-port={ports.http}",
            f"--grpc-port={GRPC_PORT}": f"--grpc-port={ports.grpc}",
            f"--metrics-port={METRICS_PORT}": f"--metrics-port={ports.metrics}",
        }
        given = arguments()[1:]
        assert set(ours) <= set(given), "the container's arguments no longer hold what this replaces"
        return [
            *(ours.get(argument, argument).replace(f"$({KEY_VARIABLE})", key) for argument in given),
            *(f"--{each}-address=127.0.0.1" for each in ("http", "grpc", "metrics")),
            f"--backend-directory={self._folder / 'backends'}",
            f"--cache-directory={self._home.caches}",
            f"--backend-config=python,shm-region-prefix-name={self._shared_memory}",
        ]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self._home.python.parent}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": ":".join(str(folder) for folder in self._home.libraries),
        }

    def _text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def _ready(port: int, key: str) -> str | None:
    """The server's version once it is ready, and is ours: its key opens what no other key opens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        if _ask(connection, "GET", "/v2/health/ready")[0] != 200:
            return None
        for header, status in ((secrets.token_hex(4), 403), (key, 200)):
            if _ask(connection, "POST", "/v2/repository/index", {HEADER: header})[0] != status:
                return None
        return json.loads(_ask(connection, "GET", "/v2")[1])["version"]
    except (OSError, HTTPException, ValueError, KeyError):
        return None
    finally:
        connection.close()


def _ask(
    connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body=b"{}" if method == "POST" else None, headers=dict(headers or {}))
    answer = connection.getresponse()
    return answer.status, answer.read()


def _mirror(repository: Path, target: Path, home: ServerHome, interpreters: Mapping[str, Path]) -> None:
    """The repository by links. A model with an interpreter of its own also gets a program that starts its instances
    there: Triton runs the one that lies beside config.pbtxt before its own."""
    target.mkdir()
    for model in sorted(repository.iterdir()):
        interpreter = interpreters.get(model.name)
        if interpreter is None:
            (target / model.name).symlink_to(model.absolute())
            continue
        (target / model.name).mkdir()
        for each in model.iterdir():
            (target / model.name / each.name).symlink_to(each.absolute())
        stub = target / model.name / home.stub.name
        place = shlex.quote(str(interpreter.parent))
        stub.write_text(f'#!/bin/sh\nPATH={place}:$PATH exec {shlex.quote(str(home.stub))} "$@"\n', encoding="utf-8")
        stub.chmod(0o755)


def _temporary_folder() -> Path:
    """A new folder. The Python backend hands paths to a shell without quotes, so they must need none."""
    place = tempfile.gettempdir()
    if shlex.quote(place) != place:
        place = "/tmp"
    return Path(tempfile.mkdtemp(prefix="modelyard-server-", dir=place))


def _free(ports: Ports) -> Ports:
    """The ports, with free ones for those that may be any.

    Raises:
        PortInUse: one that was named is taken.
    """
    with ExitStack() as held:
        numbers: list[int] = []
        for name, number in (("HTTP", ports.http), ("gRPC", ports.grpc), ("metrics", ports.metrics)):
            one = held.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", number))
            except OSError as error:
                why = (error.strerror or "unknown error").lower()
                raise PortInUse(f"port {number} ({name}) cannot be listened on: {why}; name another") from error
            numbers.append(one.getsockname()[1])
        return Ports(*numbers)
