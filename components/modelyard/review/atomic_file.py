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
    path, shown = Path(file), file
    if path.is_dir() or file.endswith(os.sep):
        raise CannotWrite(f"{option} {shown}: this is a folder; name a file in it")
    parent = path.parent
    if not parent.exists():
        raise CannotWrite(f"{option} {shown}: the folder {parent} does not exist; create it first")
    if not parent.is_dir():
        raise CannotWrite(f"{option} {shown}: {parent} is a file, not a folder; name a file in a folder")
    if not os.access(parent, os.W_OK):
        raise CannotWrite(f"{option} {shown}: the folder {parent} is not writable; choose another")
    if path.exists() and not path.is_file():
        raise CannotWrite(f"{option} {shown}: this is not an ordinary file; name one")


def write_all(files: Iterable[tuple[Path, Callable[[], Iterable[str]]]]) -> None:
    """Write every file completely beside its target, then rename them all into place.

    When any of them fails, none of the targets has changed. Parts are UTF-8 text, written as they come.
    """
    with contextlib.ExitStack() as undo:
        ready: list[tuple[str, Path]] = []
        for path, parts in files:
            ready.append((_temporary(path, parts(), undo), path))
        for temporary, path in ready:
            with _told(path):
                os.replace(temporary, path)


def _temporary(path: Path, parts: Iterable[str], undo: contextlib.ExitStack) -> str:
    with _told(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
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
