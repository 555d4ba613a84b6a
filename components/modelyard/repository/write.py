"""Writes a repository into a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ..environment.problem import Problem
from .invalid import InvalidRepository
from .repository import Repository, RepositoryFile

MARKER = ".modelyard.json"
"""Beside the models; says that :func:`write` made the folder, and of what."""
_CHUNK_BYTES = 4 * 1024 * 1024


def write(repository: Repository, folder: Path, *, progress: Callable[[str], None] | None = None) -> None:
    """Write all files below ``folder``, all at once: a temporary sibling is filled and then renamed. A folder that was
    written before is replaced.

    Args:
        repository: of :func:`modelyard.repository.build.build`.
        folder: the root; made where it is missing.
        progress: told the key of each file when it is written.

    Raises:
        InvalidRepository: the folder holds something that was not written by this function, or a file changed after
            it was read. Nothing is written then.
        OSError: the folder cannot be written.
    """
    folder = Path(os.path.abspath(folder))
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    filled = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        filled.chmod(0o755)
        for file in repository.files:
            _write_file(file, filled / file.key)
            if progress:
                progress(file.key)
        marker = {"model": repository.name, "digest": repository.digest}
        (filled / MARKER).write_text(json.dumps(marker) + "\n", encoding="utf-8")
        _put_in_place(filled, folder)
    finally:
        shutil.rmtree(filled, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    wrong = None
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        wrong = "is a link or a file; name a folder"
    elif folder.is_dir() and not (folder / MARKER).is_file() and any(folder.iterdir()):
        wrong = "holds files that modelyard did not write; name an empty folder, or one that does not exist"
    if wrong:
        raise InvalidRepository([Problem(str(folder), "", wrong)])


def _write_file(file: RepositoryFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.text is not None:
        target.write_text(file.text, encoding="utf-8", newline="")
        return
    digest = hashlib.sha256()
    with open(file.path or "", "rb") as source, target.open("wb") as written:
        while piece := source.read(_CHUNK_BYTES):
            digest.update(piece)
            written.write(piece)
    if digest.hexdigest() != file.sha256:
        message = "changed after it was read; start again when nobody writes to it"
        raise InvalidRepository([Problem(file.path or file.key, "", message)])


def _put_in_place(filled: Path, folder: Path) -> None:
    if not folder.exists():
        filled.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        folder.rename(old / "old")
        filled.rename(folder)
    finally:
        shutil.rmtree(old, ignore_errors=True)
