"""Virtual environments below the cache folder, each made once, whole or not at all, and never changed after."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

OnProgress = Callable[[str], None]
"""Takes what is being done, as a few words."""

_MARKER = "installed"
_INDEX_SECONDS = 15
_PASSWORD = re.compile(r"://[^/\s@]+@")
_NO_INDEX = re.compile(
    "Failed to establish a new connection|Connection refused|Name or service not known|Network is unreachable|"
    "Temporary failure in name resolution|ConnectTimeout|ProxyError"
)
_WORTH_TELLING = re.compile(r"^\s*(Collecting|Downloading|Building|Installing)\b.*")


class CannotInstall(Exception):
    """What the server or a model needs could not be had. ``str()`` says what was tried and what to do."""


def cache_folder() -> Path:
    """``MODELYARD_CACHE``, else ``modelyard`` in ``XDG_CACHE_HOME``, else in ``~/.cache``."""
    own = os.environ.get("MODELYARD_CACHE")
    if own:
        return Path(own).absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared).absolute() if shared else Path.home() / ".cache") / "modelyard"


def environment(
    path: Path,
    requirements: Sequence[str],
    *,
    python: Path,
    constraints: Sequence[str] = (),
    alone: Sequence[str] = (),
    finish: Callable[[Path], None] | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """The virtual environment of ``python`` at ``path``, made with these requirements where it is not complete yet.

    ``constraints`` hold for whatever the requirements bring; ``alone`` are installed without their dependencies;
    ``finish`` gets the folder before it counts as complete. What an interrupted attempt left behind is removed first.

    Raises:
        CannotInstall
    """
    if (path / _MARKER).exists():
        return path
    with _only_one(path, on_progress):
        if (path / _MARKER).exists():
            return path
        shutil.rmtree(path, ignore_errors=True)
        try:
            _make(path, python, requirements, constraints, alone, on_progress or (lambda _: None))
            if finish is not None:
                finish(path)
            (path / _MARKER).touch()
        except OSError as error:
            shutil.rmtree(path, ignore_errors=True)
            raise _unwritable(path, error) from error
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
    return path


@contextmanager
def _only_one(path: Path, on_progress: OnProgress | None) -> Iterator[None]:
    """Holds the lock of this environment; the operating system lets go of it however the process ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = (path.parent / f"{path.name}.lock").open("w")
    except OSError as error:
        raise _unwritable(path, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_progress is not None:
                on_progress(f"waiting for another process that installs {path.name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(
    path: Path,
    python: Path,
    requirements: Sequence[str],
    constraints: Sequence[str],
    alone: Sequence[str],
    on_progress: OnProgress,
) -> None:
    on_progress("making a virtual environment")
    _run([str(python), "-m", "venv", str(path)], "a virtual environment", on_progress)
    pip = [
        str(path / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
        "--retries", "1", "--timeout", str(_INDEX_SECONDS), "--progress-bar", "off",
    ]  # fmt: skip
    if alone:
        _run([*pip, "--no-deps", *alone], " ".join(alone), on_progress)
    if requirements:
        given = []
        for option, lines in (("requirement", requirements), ("constraint", constraints)):
            listed = path / f"{option}s.txt"
            listed.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            given += [f"--{option}", str(listed)]
        _run([*pip, *given], " ".join(requirements), on_progress)


def _run(command: Sequence[str], what: str, on_progress: OnProgress) -> None:
    """Run to the end, or, when interrupted, end it with everything that it started."""
    said: deque[str] = deque(maxlen=200)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                said.append(line.rstrip())
                if _WORTH_TELLING.match(line):
                    on_progress(_told(line.partition(" (from ")[0].strip()))
            code = process.wait()
        except BaseException:
            _end(process)
            raise
    if code:
        raise CannotInstall(f"{what} could not be installed: {_reason(said)}")


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def _reason(said: Sequence[str]) -> str:
    text = "\n".join(said)
    if _NO_INDEX.search(text):
        return "no package index answers; check the network and pip's index settings, or name a server with --server"
    if "No space left on device" in text:
        return "the disk is full; make room, or set MODELYARD_CACHE to a folder with 2 GiB"
    if "ensurepip is not available" in text:
        return "this Python cannot make virtual environments; install its venv module (on Debian: python3-venv)"
    errors = [line for line in said if line.startswith("ERROR:")] or [line for line in said if line.strip()][-1:]
    return _told(" ".join(errors)) or "the installer said nothing"


def _told(line: str) -> str:
    """A line of an installer, without the credentials that an index's address may hold."""
    return _PASSWORD.sub("://[hidden]@", line)[:300]


def _unwritable(path: Path, error: OSError) -> CannotInstall:
    reason = (error.strerror or "unknown error").lower()
    return CannotInstall(
        f"{path.parent}: cannot be written: {reason}; make room there, or set MODELYARD_CACHE to a folder that can"
    )
