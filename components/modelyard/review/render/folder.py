"""A rendered folder: whole, or as it was before."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..atomic_file import CannotWrite

MARKER = ".modelyard-render.json"
"""Lists the files of a render, so that the next one replaces them and nothing else."""


def check_folder(folder: Path) -> None:
    """Raise :class:`CannotWrite` for a folder that a render may not replace, before any work is done."""
    if not str(folder.parent) or not folder.absolute().parent.is_dir():
        raise CannotWrite(f"--out {folder}: the folder {folder.parent} does not exist; create it first")
    if folder.is_symlink():
        raise CannotWrite(f"--out {folder}: this is a link; name the folder itself")
    if folder.exists() and not folder.is_dir():
        raise CannotWrite(f"--out {folder}: this is a file; name a folder")
    if not os.access(folder.absolute().parent, os.W_OK):
        raise CannotWrite(f"--out {folder}: the folder {folder.parent} is not writable; choose another")
    if not folder.exists() or not any(folder.iterdir()):
        return
    rendered = _rendered_files(folder)
    if rendered is None:
        raise CannotWrite(
            f"--out {folder}: this folder is not empty and holds no earlier render; name a new or an empty folder"
        )
    for path in sorted(folder.rglob("*")):
        if (path.is_file() or path.is_symlink()) and path.relative_to(folder).as_posix() not in rendered:
            raise CannotWrite(
                f"--out {folder}: {path.relative_to(folder).as_posix()} is not from a render and would be lost; "
                "move it elsewhere, or name another folder"
            )


def write_folder(folder: Path, files: Mapping[str, str | Path]) -> None:
    """Write the files below a new folder beside ``folder``, then exchange the two.

    A ``Path`` is copied. When anything fails, ``folder`` is as it was.
    """
    check_folder(folder)
    target = folder.absolute()
    try:
        with contextlib.ExitStack() as undo:
            work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
            undo.callback(shutil.rmtree, work, ignore_errors=True)
            new = work / "new"
            _fill(new, files)
            _exchange(target, new, work / "old")
    except OSError as error:
        raise CannotWrite(f"--out {folder}: cannot be written: {error.strerror or error}") from error


def _fill(new: Path, files: Mapping[str, str | Path]) -> None:
    new.mkdir()
    for name, content in files.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_text(content, encoding="utf-8", newline="\n")
    marker = {"files": sorted([*files, MARKER])}
    (new / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def _exchange(target: Path, new: Path, old: Path) -> None:
    existed = target.exists()
    if existed:
        os.rename(target, old)
    try:
        os.rename(new, target)
    except OSError:
        if existed:
            os.rename(old, target)
        raise


def _rendered_files(folder: Path) -> set[str] | None:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        return {str(name) for name in marker["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
