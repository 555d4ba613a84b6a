"""Files that are whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


class CannotWrite(Exception):
    """A file could not be written; nothing was left behind. ``str()`` says which and why."""


def check_writable(file: str, option: str) -> None:
    """Raise :class:`CannotWrite` for a target that could never be written, before any work is done.

    ``option`` is how the person named the file, for example ``--json``.
    """
    if not file.strip():
        raise CannotWrite(f"{option} {file!r}: this names no file; name one")
    try:
        _check(file, option, Path(os.path.realpath(file)))
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise CannotWrite(f"{option} {file}: cannot be written: {reason}") from error


def _check(file: str, option: str, path: Path) -> None:
    """``path`` is the file without links."""
    parent = path.parent if os.path.islink(file) else Path(file).parent
    wrong = None
    if path.is_dir() or file.endswith(os.sep):
        wrong = "this is a folder; name a file in it"
    elif not parent.exists():
        wrong = f"the folder {parent} does not exist; create it first"
    elif not parent.is_dir():
        wrong = f"{parent} is a file, not a folder; name a file in a folder"
    elif path.exists() and not path.is_file():
        wrong = "this is not an ordinary file; name one, or - for standard output"
    elif not os.access(parent, os.W_OK):
        wrong = f"the folder {parent} is not writable; choose another"
    if wrong:
        raise CannotWrite(f"{option} {file}: {wrong}")


def write_all(files: Iterable[tuple[Path, Callable[[], Iterable[str]]]]) -> None:
    """Write every file completely beside its target, then rename them all into place.

    A link is followed: the file that it names is written. When any of them fails, none of the targets has changed.
    Parts are UTF-8 text, written as they come.
    """
    with contextlib.ExitStack() as undo:
        ready: list[tuple[str, Path]] = []
        for path, parts in files:
            target = Path(os.path.realpath(path))
            ready.append((_temporary(target, parts(), undo), target))
        for temporary, path in ready:
            with _told(path):
                os.replace(temporary, path)


def _temporary(path: Path, parts: Iterable[str], undo: contextlib.ExitStack) -> str:
    with _told(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        undo.callback(_remove, name)
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(path))
    return name


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _remove(name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotWrite(f"{path}: cannot be written: {error.strerror or error}") from error
