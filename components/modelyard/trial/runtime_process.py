"""A server of any runtime on loopback, under the guard that leaves nothing of it behind."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from .address import ServerAddress
from .dialect import Dialect
from .guarded_server import CannotServe, GuardedServer, GuardPlan
from .server import START_SECONDS
from .server_log import tail

_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started."""

    command: tuple[str, ...]
    http_port: int
    ready: str
    """Path that answers 200 when the model can be asked."""
    ready_port: int | None = None
    """Where it is asked; None: the HTTP port."""
    grpc_port: int | None = None
    metrics_url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    dialect: Dialect = field(default_factory=Dialect)


@contextmanager
def launched(
    prepare: Callable[[Path], Launch],
    *,
    log: Path | None = None,
    start_seconds: float = START_SECONDS,
    on_wait: Callable[[float], None] | None = None,
) -> Iterator[ServerAddress]:
    """A server that is ready; with the block it ends, and its folder goes.

    ``prepare`` writes the server's files into an empty folder, which is also its home and working directory, and says
    how to start it.

    Raises:
        CannotServe: it ended, or was not ready after ``start_seconds``.
    """
    with tempfile.TemporaryDirectory(prefix="modelyard-runtime-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        launch = prepare(folder)
        written = log or folder / "server.log"
        written.write_bytes(b"")
        server = GuardedServer(_plan(launch, folder, written))
        try:
            pid = server.pid()
            _wait_ready(server, launch, written, start_seconds, on_wait)
            yield ServerAddress(
                http=f"http://127.0.0.1:{launch.http_port}",
                grpc=None if launch.grpc_port is None else f"127.0.0.1:{launch.grpc_port}",
                metrics=launch.metrics_url,
                process_group=pid,
                dialect=launch.dialect,
            )
        finally:
            server.stop(_GRACE_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def packages_path(home: Path) -> str:
    """``PATH`` with the programs of a virtual environment first."""
    return f"{home / 'bin'}:{os.environ.get('PATH', os.defpath)}"


def _plan(launch: Launch, folder: Path, log: Path) -> GuardPlan:
    return GuardPlan(
        command=launch.command,
        environment={"HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1", **launch.variables},
        cwd=str(folder),
        log=str(log),
        shared_memory=f"{folder.name}-",
        folders=[str(folder)],
    )


def _wait_ready(
    server: GuardedServer, launch: Launch, log: Path, start_seconds: float, on_wait: Callable[[float], None] | None
) -> None:
    start = time.monotonic()
    while not _ready(launch):
        waited = time.monotonic() - start
        wrong = None
        if server.heard(_POLL_SECONDS):
            wrong = "the server ended before it was ready"
        elif waited > start_seconds:
            wrong = f"the server was not ready after {start_seconds:g} s"
        if wrong is not None:
            raise CannotServe(wrong, tail(log.read_text(encoding="utf-8", errors="replace")))
        if on_wait is not None:
            on_wait(waited)


def _ready(launch: Launch) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{launch.ready_port or launch.http_port}{launch.ready}", timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False
