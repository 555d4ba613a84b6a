"""Where a server's model repository lies, and what it must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One object, and the file that it becomes."""

    path: str
    """Below the repository's root: ``fraud/config.pbtxt``."""
    object: str
    """Key below the prefix."""
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A repository in an object store.

    Either ``files`` names every object, each with its checksum; or, where they are somebody else's, everything below
    ``prefix`` is fetched and ``sha256`` checks what it names.
    """

    store: ObjectStore
    prefix: str
    """Without a slash at the end; may be empty."""
    digest: str
    """Changes when a file changes: rolls the pods."""
    files: tuple[StoredFile, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Path below the prefix to checksum."""
    layout: Literal["model", "repository"] = "model"
    """What lies below the prefix where ``files`` is empty: one model's folder, or a folder of such folders."""
    size_bytes: int | None = None
    """None: not known."""
