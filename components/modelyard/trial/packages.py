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
_CONFLICT = "The conflict is caused by:"
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
    with _only_one(path, on_progress) as lock:
        if (path / _MARKER).exists():
            return path
        shutil.rmtree(path, ignore_errors=True)
        installer = _Installer(path, on_progress or (lambda _: None), lock)
        try:
            installer.make(python, requirements, constraints, alone)
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
def _only_one(path: Path, on_progress: OnProgress | None) -> Iterator[int]:
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
        yield lock.fileno()


class _Installer:
    """Makes one environment."""

    def __init__(self, path: Path, on_progress: OnProgress, lock: int) -> None:
        self._path = path
        self._on_progress = on_progress
        self._lock = lock
        # What an installer unpacks goes where there must be room anyway, and goes with the environment.
        self._temporary = path / "temporary"

    def make(self, python: Path, requirements: Sequence[str], constraints: Sequence[str], alone: Sequence[str]) -> None:
        self._on_progress("making a virtual environment")
        self._temporary.mkdir(parents=True)
        self._run([str(python), "-m", "venv", str(self._path)], "a virtual environment")
        pip = [
            str(self._path / "bin" / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
            "--retries", "1", "--timeout", str(_INDEX_SECONDS), "--progress-bar", "off",
        ]  # fmt: skip
        if alone:
            self._run([*pip, "--no-deps", *alone], " ".join(alone))
        if requirements:
            given = []
            for option, lines in (("requirement", requirements), ("constraint", constraints)):
                listed = self._path / f"{option}s.txt"
                listed.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
                given += [f"--{option}", str(listed)]
            self._run([*pip, *given], " ".join(requirements))
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _run(self, command: Sequence[str], what: str) -> None:
        """Run to the end, or, when interrupted, end it with everything that it started."""
        said: deque[str] = deque(maxlen=200)
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, "TMPDIR": str(self._temporary)},
            start_new_session=True,
            # An installer that outlives us keeps the lock, so that nobody writes beside it.
            pass_fds=(self._lock,),
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    said.append(line.rstrip())
                    if _WORTH_TELLING.match(line):
                        self._on_progress(_told(line.partition(" (from ")[0].strip()))
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
    if _CONFLICT in said:
        named = list(said)[list(said).index(_CONFLICT) + 1 :]
        against = [line.strip().removeprefix("The user requested ") for line in named if line.startswith("    ")]
        return f"these cannot go together: {', '.join(against)}"
    errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
    return _told(" ".join(errors or [line for line in said if line.strip()][-1:])) or "the installer said nothing"


def _told(line: str) -> str:
    """A line of an installer, without the credentials that an index's address may hold."""
    return _PASSWORD.sub("://[hidden]@", line)[:300]


def _unwritable(path: Path, error: OSError) -> CannotInstall:
    reason = (error.strerror or "unknown error").lower()
    return CannotInstall(
        f"{path.parent}: cannot be written: {reason}; make room there, or set MODELYARD_CACHE to a folder that can"
    )
