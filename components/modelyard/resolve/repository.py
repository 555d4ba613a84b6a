"""The Triton repository that a model's server gets on one cluster."""

from __future__ import annotations

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
from .model_folder import missing_versions
from .source import Source, SourceReader


def nothing_new(stable: Repository, canary: Repository, version: int) -> list[Finding]:
    """What is wrong with the canary of an ensemble whose parts are the stable version's: callers of both would get the
    same answers."""
    parts = [[model.files for model in each.models if model.name != each.name] for each in (stable, canary)]
    if canary.served.format != "ensemble" or parts[0] != parts[1]:
        return []
    first = next((model.name for model in canary.models if model.name != canary.name), canary.name)
    return [
        Finding(
            ("rollout", "canary"),
            f"version {version} of the ensemble is made of the same files as the version that serves; lay what is new "
            f"into a folder of that number, such as {first}/{version}/",
        )
    ]


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
        self._decided: dict[tuple[Settings | None, int], Repository | list[Finding | Problem]] = {}

    def decided(
        self, settings: Settings | None = None, *, version: int | None = None
    ) -> Repository | list[Finding | Problem] | None:
        """The repository, checked as far as that goes without a server; None where it is not Triton's, or somebody else
        fills it.

        Args:
            settings: what sizing decided; None: before it decides, or where it has nothing to judge by.
            version: that is served; None: the stable one.
        """
        declared = self._source.declared
        if declared is None:
            return None
        if all(model.declaration is None for model in declared.models):
            settings = None  # A hand-written configuration is served as it stands.
        key = settings, self._model.stable_version if version is None else version
        if key not in self._decided:
            self._decided[key] = self._built(declared, *key)
        return self._decided[key]

    def _built(
        self, declared: Declared, settings: Settings | None, version: int
    ) -> Repository | list[Finding | Problem]:
        model, release = self._model, self._release
        versions = versions_of(file.key for file in declared.models[0].files)
        if versions and (missing := missing_versions(model, versions)):
            return list(missing)
        try:
            repository = build(
                declared,
                version=version,
                release=release,
                settings=settings,
                composed_of=version if model.rollout is not None else None,
            )
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
