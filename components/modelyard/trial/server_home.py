"""Where the real Triton server is: a virtual environment of its own below the cache folder, made once.

The server is the binary that the ``nvidia-pytriton`` wheel carries: older than the release that is deployed, with
Python backends and ensembles, for CPUs. ``data/servers.csv`` says which.
"""

from __future__ import annotations

import csv
import hashlib
import platform
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .interpreter import Interpreter, interpreter
from .packages import CannotInstall, OnProgress, cache_folder, environment

_SERVERS = Path(__file__).parent / "data" / "servers.csv"


@dataclass(frozen=True, slots=True)
class ServerHome:
    """An installed server."""

    version: str
    """Of the server, for example 2.51.0."""
    release: str
    """Release that carries this version, for example 24.10."""
    python: Path
    """Interpreter that Python backends run in where a model brings no packages of its own; it has numpy."""
    binary: Path
    libraries: tuple[Path, ...]
    """Folders that the loader needs."""
    backends: Path
    caches: Path

    @property
    def stub(self) -> Path:
        """The program that runs one instance of a Python model."""
        return self.backends / "python" / "triton_python_backend_stub"


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server that can be had as a package."""

    version: str
    release: str
    requirement: str
    numpy: str
    pythons: tuple[str, ...]
    system: str
    machines: tuple[str, ...]


@cache
def known_server() -> KnownServer:
    """The server that :func:`server_home` installs. Nothing is installed or started."""
    with _SERVERS.open(encoding="utf-8", newline="") as lines:
        row = next(csv.DictReader(lines))
    return KnownServer(
        version=row["version"],
        release=row["release"],
        requirement=row["requirement"],
        numpy=row["numpy"],
        pythons=tuple(row["pythons"].split()),
        system=row["system"],
        machines=tuple(row["machines"].split()),
    )


def server_home(folder: Path | None = None, on_progress: OnProgress | None = None) -> ServerHome:
    """The server below ``folder`` (default: :func:`packages.cache_folder`), installed when it is not there yet.

    Several processes may ask at once: one installs, the others wait for it.

    Raises:
        CannotInstall: this machine or its Pythons cannot run it, no package index answers, or the folder cannot be
            written.
    """
    server = known_server()
    python = _python(server)

    def finish(made: Path) -> None:
        carried = _site_packages(made) / "pytriton" / "tritonserver"
        shutil.copytree(carried / "backends", made / "backends")
        stub = carried / "python_backend_stubs" / python.minor / "triton_python_backend_stub"
        shutil.copy(stub, made / "backends" / "python")
        _leave_no_bytecode(made)

    made = environment(
        (folder or cache_folder()) / f"triton-{server.version}-python{python.minor}",
        (server.numpy,),
        python=python.executable,
        alone=(server.requirement,),
        finish=finish,
        on_progress=on_progress,
    )
    packages = _site_packages(made)
    carried = packages / "pytriton" / "tritonserver"
    return ServerHome(
        version=server.version,
        release=server.release,
        python=made / "bin" / "python",
        binary=carried / "bin" / "tritonserver",
        libraries=(packages / "nvidia_pytriton.libs", python.library_folder),
        backends=made / "backends",
        caches=carried / "caches",
    )


def model_environment(
    requirements: Sequence[str], folder: Path | None = None, on_progress: OnProgress | None = None
) -> Path:
    """The interpreter of an environment for models: these requirements and a numpy that the server can exchange.

    ``requirements`` are lines of a requirements file without references to other files; the environment is found
    again by their hash, so that models with the same requirements share one.

    Raises:
        CannotInstall: as :func:`server_home`, or a requirement cannot be had.
    """
    server = known_server()
    python = _python(server)
    lines = sorted({line.strip() for line in requirements if line.strip() and not line.lstrip().startswith("#")})
    digest = hashlib.sha256("\n".join([python.minor, server.numpy, *lines]).encode()).hexdigest()[:16]
    made = environment(
        (folder or cache_folder()) / "environments" / digest,
        lines if any(re.match(r"numpy\b", line) for line in lines) else ("numpy", *lines),
        python=python.executable,
        constraints=(server.numpy,),
        finish=_leave_no_bytecode,
        on_progress=on_progress,
    )
    return made / "bin" / "python"


def _python(server: KnownServer) -> Interpreter:
    instead = "; or run a server elsewhere and name it with --server"
    system, machine = platform.system(), platform.machine()
    if system != server.system or machine not in server.machines:
        raise CannotInstall(
            f"Triton {server.version} is packaged for {server.system} on {' and '.join(server.machines)} alone, and "
            f"this is {system} on {machine}; run a server elsewhere and name it with --server"
        )
    found = interpreter(server.pythons)
    if isinstance(found, str):
        raise CannotInstall(f"Triton {server.version}: {found}{instead}")
    return found


def _leave_no_bytecode(environment: Path) -> None:
    """Keep a model's ``__pycache__`` out of the user's folder: the stub ignores PYTHONDONTWRITEBYTECODE."""
    line = "import sys; sys.dont_write_bytecode = True\n"
    (_site_packages(environment) / "modelyard.pth").write_text(line, encoding="utf-8")


def _site_packages(environment: Path) -> Path:
    return next((environment / "lib").glob("python3.*")) / "site-packages"
