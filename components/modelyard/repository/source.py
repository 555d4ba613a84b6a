"""A model's source folder as it was read: declarations, or hand-written configurations, and the files found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .protobuf import ModelConfig
from .repository import Origin, RepositoryFile

if TYPE_CHECKING:
    from .declared.model import ModelDeclaration
    from .signature.read import ReadSignature


@dataclass(frozen=True, slots=True)
class DeclaredModel:
    """One model: exactly one of declaration and config is set."""

    name: str
    declaration: ModelDeclaration | None
    config: ModelConfig | None
    """Of a hand-written config.pbtxt."""
    files: tuple[RepositoryFile, ...]
    """Of the model's folder that the server is to see, without a config.pbtxt that will be generated."""
    origin: Origin
    signature: ReadSignature | None = None
    """Read from an ONNX file, an MLflow model or a SavedModel, where the declaration names one."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What :func:`modelyard.repository.load.read` found."""

    name: str
    """The model that callers name."""
    models: tuple[DeclaredModel, ...]
    """The named one first, the others in the order in which they are written."""
    profile_path: str | None = None
    """Absolute path of profile.json beside model.yaml."""
    golden_path: str | None = None
    """Absolute path of golden.json beside model.yaml."""
