"""Version folders, told by the keys of a repository's files: ``fraud/2/model.onnx`` is of version 2 of fraud."""

from __future__ import annotations

from collections.abc import Iterable


def versions_of(keys: Iterable[str]) -> tuple[int, ...]:
    """Versions that hold a file, in ascending order."""
    return tuple(sorted({version for key in keys if (version := version_of(key)) is not None}))


def version_of(key: str) -> int | None:
    """The version whose folder a file lies in; None for a file beside the versions."""
    parts = key.split("/")
    return int(parts[1]) if len(parts) > 2 and is_version(parts[1]) else None


def is_version(folder: str) -> bool:
    """Whether Triton takes a folder for a version: a number that does not begin with 0."""
    return folder.isascii() and folder.isdecimal() and folder[0] != "0"
