"""Writes a repository into a folder."""

from __future__ import annotations

from pathlib import Path

from .repository import Repository


def write(repository: Repository, folder: Path) -> None:
    """Write all files below ``folder``, all at once: a temporary sibling is filled and then renamed.

    Raises:
        InvalidRepository: the folder holds something that was not written by this function, or a file changed after
            it was read.
    """
    raise NotImplementedError
