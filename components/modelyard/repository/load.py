"""Reads a model's source folder: ``model.yaml``, or ``config.pbtxt`` with version folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .source import Declared


def read(
    folder: Path, name: str, *, boundary: Path, progress: Callable[[str, int, int], None] | None = None
) -> Declared:
    """Read the folder of one model, and of every model that it is composed of. Nothing in it is executed.

    Args:
        folder: holds ``model.yaml``, or a hand-written ``config.pbtxt`` with version folders.
        name: the model's name, one path segment.
        boundary: no path may leave this folder, links included.
        progress: told a file's key, the bytes hashed of it, and its size.

    Raises:
        InvalidRepository: holds all problems of all files at once, each with its file and line.
    """
    raise NotImplementedError
