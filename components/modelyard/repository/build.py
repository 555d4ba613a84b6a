"""From what is declared to the whole repository. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..catalog import triton_backends, triton_releases
from ..environment.environment import shown_path
from ..environment.known_name import unknown
from ..environment.problem import Problem
from ..environment.yaml_document import Steps
from ..sizing.settings import Settings, StageSettings
from .config.model import Decided, model_config
from .config.version_policy import loaded
from .declared.ensemble import EnsembleModel
from .declared.fil import FilModel
from .declared.language import VllmModel
from .declared.model import ModelDeclaration
from .declared.python import PythonModel
from .declared.tensor import InputTensor, OutputTensor
from .invalid import InvalidRepository
from .protobuf import ModelConfig, new_config
from .repository import Repository, RepositoryFile, RepositoryModel, generated
from .signature.join import joined
from .source import Declared, DeclaredModel
from .version_folder import version_of, versions_of
from .written import config_text

CONFIGURATION = "config.pbtxt"
PLACEHOLDER = "empty"
"""File that keeps a version folder of a model without files: Triton wants the folder, and no store keeps an empty
one."""


def build(
    declared: Declared,
    *,
    version: int | None,
    release: str,
    settings: Settings | None = None,
    composed_of: int | None = None,
) -> Repository:
    """The repository that the server gets.

    Args:
        declared: of :func:`modelyard.repository.load.read`.
        version: the version of the named model that the environment serves; None: as its version_policy says.
        release: of Triton, such as ``26.07``; what a backend offers depends on it.
        settings: what sizing decided. It fills what is not declared.
        composed_of: composing models without a version_policy have their newest version up to this one; None: their
            newest. So an ensemble's version 1 stays as it was when a part of it gets a version 2.

    Raises:
        InvalidRepository: the declarations cannot become a configuration; holds all problems.
    """
    return _Building(declared, version, release, settings, composed_of).repository()


class _Building:
    """One run of :func:`build`."""

    def __init__(
        self,
        declared: Declared,
        version: int | None,
        release: str,
        settings: Settings | None,
        composed_of: int | None,
    ) -> None:
        self._declared = declared
        self._by_name = {model.name: model for model in declared.models}
        self._version = version
        self._release = release
        self._settings = settings
        self._composed_of = composed_of
        self._problems: list[Problem] = []

    def repository(self) -> Repository:
        if self._release not in triton_releases.names():
            message = unknown("a known release of Triton", self._release, triton_releases.names()[::-1])
            raise InvalidRepository([Problem(self._declared.models[0].origin.file, "release", message)])
        models = [self._model(self._by_name[name]) for name in self._order()]
        self._refuse_two_slices(models)
        if self._problems:
            raise InvalidRepository(self._problems)
        return Repository(self._declared.name, tuple(models))

    def _order(self) -> list[str]:
        """Composing models first, in the order in which a request meets them; then those that nothing names."""
        met: dict[str, None] = {}
        self._visit(self._declared.name, set(), met)
        unused = [model.name for model in self._declared.models if model.name not in met]
        return [*unused, *met]

    def _visit(self, name: str, around: set[str], met: dict[str, None]) -> None:
        model = self._by_name.get(name)
        if model is None or name in around or name in met:
            return
        for needed in _needs(model):
            self._visit(needed, around | {name}, met)
        met[name] = None

    def _model(self, model: DeclaredModel) -> RepositoryModel:
        named = model.name == self._declared.name
        version = self._version if named else None
        if model.declaration is None:
            config = new_config()
            config.CopyFrom(model.config)
            known = triton_backends.of_config(config.backend, config.platform)
            format, calls = known.format if known else "custom", ()
        else:
            config = self._configured(model, model.declaration, version)
            format = model.declaration.format
            calls = tuple(model.declaration.calls) if isinstance(model.declaration, PythonModel) else ()
        files = self._files(model, config, format, version)
        return RepositoryModel(
            model.name,
            format,
            config,
            model.declaration,
            files,
            model.origin,
            calls,
        )

    def _configured(self, model: DeclaredModel, declaration: ModelDeclaration, version: int | None) -> ModelConfig:
        mistakes: list[tuple[Steps, str]] = []
        inputs: Sequence[InputTensor] = declaration.inputs
        outputs: Sequence[OutputTensor] = declaration.outputs
        batched = bool(declaration.max_batch_size)
        if model.signature is not None:
            read = model.signature
            inputs = joined(InputTensor, inputs, read.inputs, batched=batched, source=read.source, mistakes=mistakes)
            outputs = joined(
                OutputTensor, outputs, read.outputs, batched=batched, source=read.source, mistakes=mistakes
            )
        if isinstance(declaration, FilModel):
            refused = declaration.parameters.refused(self._release)
            mistakes.extend((("parameters", name), sentence) for name, sentence in refused)
        for steps, message in mistakes:
            self._add(model, steps, message)
        decided = Decided(
            name=model.name,
            release=self._release,
            max_batch_size=self._max_batch_size(model, frozenset()),
            inputs=inputs,
            outputs=outputs,
            versions=() if version is None else (version,),
            settings=self._stage(model.name),
        )
        return model_config(declaration, decided)

    def _stage(self, name: str) -> StageSettings | None:
        return self._settings.stage(name) if self._settings else None

    def _max_batch_size(self, model: DeclaredModel, around: frozenset[str]) -> int:
        """What is used: never more than declared, and of an ensemble never more than each of its steps takes."""
        declaration = model.declaration
        if declaration is None:
            return _declared_batch(model)
        declared = declaration.max_batch_size or 0
        if isinstance(declaration, EnsembleModel):
            if self._settings is None or model.name in around:
                return declared
            steps = [self._by_name[step.model] for step in declaration.steps if step.model in self._by_name]
            sized = [step for step in steps if _declared_batch(step) >= declared]
            return min([declared, *(self._max_batch_size(step, around | {model.name}) for step in sized)])
        stage = self._stage(model.name)
        return declared if stage is None else min(declared, stage.max_batch_size)

    def _files(
        self, model: DeclaredModel, config: ModelConfig, format: str, version: int | None
    ) -> tuple[RepositoryFile, ...]:
        files = [*model.files, *self._engine(model, version)]
        versions = versions_of(file.key for file in files)
        if not versions and _needs_no_file(format):
            number = version or 1
            text = f"The model {model.name} has no files; Triton wants this folder.\n"
            files.append(generated(f"{model.name}/{number}/{PLACEHOLDER}", text))
            versions = (number,)
        served = (version,) if version is not None and not config.HasField("version_policy") else None
        kept = served or loaded(config, self._of_this_version(model, config, versions))
        if version is not None and version not in versions:
            self._no_version(model, version, versions)
        elif version is not None and version not in kept:
            listed = ", ".join(map(str, kept)) or "none"
            message = f"loads {listed}, and the environment serves version {version}; add it, or serve another"
            self._add(model, ("version_policy",), message)
        seen = {file.key: file for file in files if (number := version_of(file.key)) is None or number in kept}
        key = f"{model.name}/{CONFIGURATION}"
        # A hand-written configuration stays as it is, its comments included.
        return (seen.pop(key, None) or generated(key, config_text(config)), *(seen[each] for each in sorted(seen)))

    def _of_this_version(self, model: DeclaredModel, config: ModelConfig, versions: Sequence[int]) -> Sequence[int]:
        if self._composed_of is None or model.name == self._declared.name or config.HasField("version_policy"):
            return versions
        return [version for version in versions if version <= self._composed_of] or versions

    def _engine(self, model: DeclaredModel, version: int | None) -> Iterator[RepositoryFile]:
        declaration = model.declaration
        if not isinstance(declaration, VllmModel) or not declaration.engine:
            return
        key = f"{model.name}/{version or 1}/model.json"
        if any(file.key == key for file in model.files):
            self._add(model, ("engine",), "is also written in model.json of the version folder; keep one of the two")
            return
        yield generated(key, json.dumps(declaration.engine, indent=2, sort_keys=True) + "\n")

    def _no_version(self, model: DeclaredModel, version: int, versions: Sequence[int]) -> None:
        listed = f"it has {', '.join(map(str, versions))}" if versions else "it has no version folder at all"
        message = f"model {model.name!r} has no files of version {version}, which the environment serves; {listed}"
        self._add(model, (), message)

    def _refuse_two_slices(self, models: Sequence[RepositoryModel]) -> None:
        """A pod asks for slices of one size."""
        slices: dict[str, str] = {}
        for model in models:
            for position, group in enumerate(model.declared.instances if model.declared else ()):
                if group.mig_profile is None:
                    continue
                slices.setdefault(group.mig_profile, model.name)
                first = next(iter(slices))
                if group.mig_profile != first:
                    source = self._by_name[model.name]
                    message = (
                        f"{group.mig_profile} of model {model.name!r} and {first} of model {slices[first]!r} are "
                        "served by one pod, which has slices of one size; choose one"
                    )
                    self._add(source, ("instances", position, "mig_profile"), message)

    def _add(self, model: DeclaredModel, steps: Steps, message: str) -> None:
        origin = model.origin
        line = origin.line(*steps) if (*origin.steps, *steps) else None
        self._problems.append(Problem(origin.file, shown_path((*origin.steps, *steps)), message, line))


def _needs(model: DeclaredModel) -> list[str]:
    declaration = model.declaration
    if isinstance(declaration, EnsembleModel):
        return [step.model for step in declaration.steps]
    if isinstance(declaration, PythonModel):
        return declaration.calls
    return [step.model_name for step in model.config.ensemble_scheduling.step] if model.config is not None else []


def _declared_batch(model: DeclaredModel) -> int:
    if model.declaration is not None:
        return model.declaration.max_batch_size or 0
    return model.config.max_batch_size if model.config is not None else 0


def _needs_no_file(format: str) -> bool:
    return format != "custom" and not triton_backends.get(format).file_names
