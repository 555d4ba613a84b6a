"""A folder that nobody can write, not even root: as a file driver shows one of a bucket."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMount(Exception):
    """This machine or user may not mount anything."""


@contextmanager
def read_only(folder: Path, at: Path) -> Iterator[Path]:
    """The same files at another place, read-only there until the end.

    Raises:
        CannotMount: it takes root (CAP_SYS_ADMIN) on Linux.
    """
    at.mkdir()
    try:
        _run("mount", "--bind", str(folder), str(at))
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise CannotMount(f"no read-only folder: {error}") from error
    try:
        _run("mount", "-o", "remount,bind,ro", str(at))
        yield at
    finally:
        _run("umount", str(at))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
