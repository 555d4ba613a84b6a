"""The Triton repository that a model's server gets on one cluster."""

from __future__ import annotations

import hashlib

from ..environment.credential import shown
from ..environment.model import Model
from ..environment.problem import Problem
from ..repository.build import build
from ..repository.checks.check import check
from ..repository.invalid import InvalidRepository
from ..repository.repository import Repository
from ..repository.source import Declared
from ..repository.version_folder import versions_of
from ..sizing.settings import Settings
from .finding import Finding
from .source import Source, SourceReader


class ModelRepository:
    """The whole repository of one model, decided once for each of the settings that its clusters come to."""

    def __init__(self, model: Model, source: Source, release: str, reader: SourceReader) -> None:
        """
        Args:
            model: as declared.
            source: of ``reader``.
            release: of Triton, such as ``26.07``.
            reader: says where problems are.
        """
        self._model = model
        self._source = source
        self._release = release
        self._reader = reader
        self._decided: dict[Settings | None, Repository | list[Finding | Problem]] = {}

    def decided(self, settings: Settings | None = None) -> Repository | list[Finding | Problem] | None:
        """The repository, checked as far as that goes without a server; None where somebody else fills it.

        Args:
            settings: what sizing decided; None: before it decides, or where it has nothing to judge by.
        """
        declared = self._source.declared
        if declared is None:
            return None
        if all(model.declaration is None for model in declared.models):
            settings = None  # A hand-written configuration is served as it stands.
        if settings not in self._decided:
            self._decided[settings] = self._built(declared, settings)
        return self._decided[settings]

    def _built(self, declared: Declared, settings: Settings | None) -> Repository | list[Finding | Problem]:
        model, release = self._model, self._release
        if lacking := _no_version(model, declared):
            return [lacking]
        try:
            repository = build(declared, version=model.version, release=release, settings=settings)
        except InvalidRepository as invalid:
            return self._reader.told(model, invalid.problems)
        problems = check(
            repository,
            release=release,
            p99_ms=model.objective.p99_ms if model.objective else None,
            gpus=model.resources.gpus,
        )
        if problems:
            return self._reader.told(model, problems)
        if repository.mig_profile is not None:
            return [
                Finding(
                    ("source",),
                    f"{shown(model.source)} asks for slices {repository.mig_profile} of a GPU, and the nodes of a GPU "
                    "pool offer whole GPUs; declare kind: gpu, or serve it by the component TritonService on nodes "
                    "that are sliced",
                )
            ]
        return repository


def _no_version(model: Model, declared: Declared) -> Finding | None:
    versions = versions_of(file.key for file in declared.models[0].files)
    if not versions or model.version in versions:
        return None
    has = ", ".join(map(str, versions))
    return Finding(("version",), f"{shown(model.source)} has no files of version {model.version}; it has {has}")


def digest(model: Model, source: Source, repository: Repository | None) -> str:
    """Changes when what is served changes: rolls the pods. Of the URL and the version where files are not ours."""
    if repository is not None:
        return repository.digest
    return hashlib.sha256(f"{source.url}\n{model.version}".encode()).hexdigest()
