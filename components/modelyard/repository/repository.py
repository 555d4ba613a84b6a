"""A whole Triton model repository, as it will lie in the model store and on the server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..environment.source_map import SourceMap
from ..environment.yaml_document import Steps
from .protobuf import ModelConfig
from .version_folder import versions_of

if TYPE_CHECKING:
    from .declared.model import ModelDeclaration


@dataclass(frozen=True, slots=True)
class RepositoryFile:
    """One file: on this machine, or generated."""

    key: str
    """Below the repository's root, with slashes: ``fraud/config.pbtxt``, ``preprocess/1/model.py``."""
    path: str | None
    """Absolute path on this machine; None for generated text."""
    text: str | None
    """Generated content; None for a file of this machine."""
    sha256: str
    """In hexadecimal."""
    size: int
    """In bytes."""


def generated(key: str, text: str) -> RepositoryFile:
    """A file whose content is ``text``, as UTF-8."""
    content = text.encode("utf-8")
    return RepositoryFile(key, None, text, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model is declared, for errors."""

    file: str
    """As errors name it: ``fraud/model.yaml``, ``tagging/config.pbtxt``."""
    steps: Steps = ()
    """Where in that file the model is declared: ``("models", 1)``; empty for the whole file."""
    sources: SourceMap | None = None
    """Lines of the file; None for a hand-written config.pbtxt."""

    def line(self, *steps: str | int) -> int | None:
        """Line of the key at ``steps`` below the model's own, else of the nearest one around it."""
        return self.sources.line(self.file, (*self.steps, *steps)) if self.sources else None


@dataclass(frozen=True, slots=True)
class RepositoryModel:
    """One model of a repository."""

    name: str
    format: str
    """onnx, fil, python, ensemble, ...; ``custom`` for a backend that Modelyard does not know."""
    config: ModelConfig
    """Triton's message, complete, as it is written to config.pbtxt."""
    declared: ModelDeclaration | None
    """None: its config.pbtxt was written by hand."""
    files: tuple[RepositoryFile, ...]
    """All of them, config.pbtxt first."""
    origin: Origin
    calls: tuple[str, ...] = ()
    """Models of the repository that its code calls while it executes (business logic scripting)."""

    @property
    def versions(self) -> tuple[int, ...]:
        """Numbers of the version folders that hold a file, in ascending order."""
        return versions_of(file.key for file in self.files)

    @property
    def mig_profile(self) -> str | None:
        """Slice of a GPU that it is to run on, such as ``1g.10gb``; Triton sees the slice as a GPU."""
        groups = self.declared.instances if self.declared else ()
        return next((group.mig_profile for group in groups if group.mig_profile), None)


@dataclass(frozen=True, slots=True)
class Repository:
    """A model and every model that it is composed of."""

    name: str
    """The model that callers name."""
    models: tuple[RepositoryModel, ...]
    """Composing models first, in the order of the steps; the named one last."""

    @property
    def files(self) -> tuple[RepositoryFile, ...]:
        """Of all models, in the order of their keys."""
        return tuple(sorted((file for model in self.models for file in model.files), key=lambda file: file.key))

    @property
    def digest(self) -> str:
        """SHA-256 over the keys and contents of all files, in hexadecimal."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file.key}\0{file.sha256}\n".encode())
        return digest.hexdigest()

    @property
    def size(self) -> int:
        """Of all files, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def served(self) -> RepositoryModel:
        """The model that callers name."""
        return self.model(self.name)

    @property
    def mig_profile(self) -> str | None:
        """Slice of a GPU that one of its models asks for; :func:`build` refuses two different ones."""
        return next((model.mig_profile for model in self.models if model.mig_profile), None)

    def model(self, name: str) -> RepositoryModel:
        """The model of that name; KeyError where there is none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def stages(self) -> tuple[str, ...]:
        """Names of the models that execute, in the order in which a request first meets them.

        An ensemble executes nothing itself; a model that calls others comes before those that it calls.
        """
        return tuple(dict.fromkeys(self._met(self.name, frozenset())))

    def _met(self, name: str, around: frozenset[str]) -> Iterator[str]:
        known = {model.name: model for model in self.models}
        model = known.get(name)
        if model is None or name in around:
            return
        within = around | {name}
        if model.config.HasField("ensemble_scheduling"):
            for step in model.config.ensemble_scheduling.step:
                yield from self._met(step.model_name, within)
            return
        yield name
        for called in model.calls:
            yield from self._met(called, within)
