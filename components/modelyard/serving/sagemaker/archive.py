"""``model.tar.gz``: the artefact that SageMaker unpacks into ``/opt/ml/model`` before the server starts.

For Triton it holds the model repository as it is: ``<model>/config.pbtxt``, ``<model>/1/model.onnx`` (Triton server,
``docker/sagemaker/serve``: a config.pbtxt at the top is refused). The same files are the same bytes, whoever packs
them and whenever.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, NamedTuple

from ...repository.repository import RepositoryFile

NAME = "model.tar.gz"


class Archive(NamedTuple):
    """An archive on this machine."""

    path: Path
    sha256: str
    """Of what is in it (:func:`digest`): packing again never moves it."""
    size_bytes: int
    """Of the archive."""


def digest(files: Iterable[RepositoryFile]) -> str:
    """SHA-256 of the names and contents of all files, from their own checksums: known before anything is packed."""
    lines = sorted(f"{file.sha256}  {file.key}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def write_archive(files: Iterable[RepositoryFile], folder: Path) -> Archive:
    """Packs files into ``<folder>/<first 16 digits of the digest>/model.tar.gz``; one that is there is kept.

    Raises:
        OSError: a file cannot be read or written.
    """
    listed = tuple(files)
    contents = digest(listed)
    path = folder / contents[:16] / NAME
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as target:
            _pack(listed, target)
        unfinished.replace(path)
    return Archive(path, contents, path.stat().st_size)


def archive(files: Iterable[RepositoryFile]) -> bytes:
    """The same as bytes, for what is small."""
    packed = io.BytesIO()
    _pack(tuple(files), packed)
    return packed.getvalue()


def _pack(files: tuple[RepositoryFile, ...], target: IO[bytes]) -> None:
    # Neither times nor owners of this machine: the same files make the same bytes.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=target, compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as packed,
    ):
        for file in sorted(files, key=lambda each: each.key):
            entry = tarfile.TarInfo(file.key)
            entry.size, entry.mode, entry.mtime = file.size, 0o644, 0
            with _content(file) as content:
                packed.addfile(entry, content)


def _content(file: RepositoryFile) -> IO[bytes]:
    if file.path is None:
        return io.BytesIO((file.text or "").encode("utf-8"))
    return Path(file.path).open("rb")
