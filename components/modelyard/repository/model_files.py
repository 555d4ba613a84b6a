"""The files of a model's folder: found, kept inside their root, and hashed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..environment.credential import shown
from .repository import RepositoryFile

Progress = Callable[[str, int, int], None]
"""Told a file's key, the bytes hashed of it, and its size."""
Selected = Callable[[str], bool]
"""Told a path below the model's folder, with slashes."""

_Identity = tuple[int, int, int, int, int]
_HASHED: dict[_Identity, tuple[str, int]] = {}
"""Files read before in this process: several models may share a folder, and a plan reads it for each stack."""
_SETTLED_NS = 2_000_000_000
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_SKIPPED = ("__pycache__",)
_CHUNK_BYTES = 4 * 1024 * 1024
_LARGEST_PROTOBUF_BYTES = 2**31 - 1


def model_files(
    folder: Path, name: str, selected: Selected, problems: list[str], progress: Progress | None = None
) -> tuple[RepositoryFile, ...]:
    """Files below ``folder`` with their keys below ``name``, in the order of their keys.

    Names that begin with a dot are passed over, and so is ``__pycache__``. Content is read in pieces of 4 MiB.

    Args:
        folder: the model's.
        name: the model's; the first segment of every key.
        selected: whether a file, or a folder before it is entered, is the server's to see.
        problems: gets a sentence for each thing that is no file of this folder.
        progress: told how far hashing is.
    """
    found = [
        file
        for key, path in _walk(folder, selected, problems)
        if (file := _hashed(f"{name}/{key}", key, path, problems, progress)) is not None
    ]
    return tuple(sorted(found, key=lambda file: file.key))


def misplaced(folder: Path, boundary: Path) -> str | None:
    """Why a folder may not be read: links included, it leaves ``boundary``; None where it does not."""
    real = Path(os.path.realpath(folder))
    if real.is_relative_to(os.path.realpath(boundary)) and folder.is_relative_to(boundary):
        return None
    return "leads out of the repository; keep the model's files inside it"


def _walk(folder: Path, selected: Selected, problems: list[str]) -> Iterator[tuple[str, str]]:
    real_folder = os.path.realpath(folder)
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        below = Path(parent).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _SKIPPED and selected(prefix + each)
        )
        linked = [each for each in folders if os.path.islink(os.path.join(parent, each))]
        for each in linked:
            problems.append(f"{shown(prefix + each)} is a link to a folder; put the files themselves there")
        for each in sorted(names):
            key, path = prefix + each, os.path.join(parent, each)
            if each.startswith(".") or not selected(key):
                continue
            real = os.path.realpath(path)
            if not real.startswith(real_folder + os.sep):
                problems.append(f"{shown(key)} is a link that leaves the folder; put the file itself there")
            elif not os.path.isfile(real):
                problems.append(f"{shown(key)} is no file; delete it")
            else:
                yield key, path
    for error in unreadable:
        key = Path(error.filename).relative_to(folder).as_posix()
        problems.append(f"the folder {shown(key)} cannot be read: {(error.strerror or 'unknown error').lower()}")


def _hashed(key: str, below: str, path: str, problems: list[str], progress: Progress | None) -> RepositoryFile | None:
    known = _known(path)
    if known is not None and known in _HASHED:
        sha256, size = _HASHED[known]
        return RepositoryFile(key, os.path.abspath(path), None, sha256, size)
    digest = hashlib.sha256()
    size = done = 0
    try:
        with open(path, "rb") as content:
            size = os.fstat(content.fileno()).st_size
            if path.endswith(".onnx") and size > _LARGEST_PROTOBUF_BYTES:
                problems.append(
                    f"{shown(below)} has {size / 2**30:.1f} GiB, and ONNX cannot hold 2 GiB or more in one file; "
                    "export it with its weights as external data, in a folder model.onnx/ beside model.onnx"
                )
                return None
            while piece := content.read(_CHUNK_BYTES):
                if not done and piece.startswith(_LFS_POINTER):
                    problems.append(f"{shown(below)} is a Git LFS pointer and not the file; run git lfs pull")
                    return None
                digest.update(piece)
                done += len(piece)
                if progress:
                    progress(key, done, size)
    except OSError as error:
        problems.append(f"{shown(below)} cannot be read: {(error.strerror or 'unknown error').lower()}")
        return None
    if known is not None and known == _known(path):
        _HASHED[known] = digest.hexdigest(), done
    return RepositoryFile(key, os.path.abspath(path), None, digest.hexdigest(), done)


def _known(path: str) -> _Identity | None:
    """What changes with a file's content; None for a file that is being written, or was a moment ago: its time may
    not tell the next change from the last."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if abs(time.time_ns() - found.st_mtime_ns) < _SETTLED_NS:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
