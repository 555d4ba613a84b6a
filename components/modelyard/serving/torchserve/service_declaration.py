"""Arguments of a TorchServe service, checked and completed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from ...catalog import images
from ...environment.problem import InvalidEnvironment, Problem
from ...environment.torchserve import ModelArchiveDeclaration, TorchServeProtocol, check_archives
from ...environment.torchserve_config import ConfigDeclaration
from ...governance.arguments import read_arguments
from ...repository.model_archive import NoArchive, faults, read_archive
from ..workload.declaration import StoredDeclaration, stored_model, workload
from ..workload.server import REPOSITORY, Server
from ..workload.weights_declaration import StreamingDeclaration
from ..workload.workload import Workload
from .archived_version import ArchivedVersion
from .server import DRAIN, VARIABLES, Loaded, server
from .service_args import TorchServeServiceArgs

CPU_IMAGE, GPU_IMAGE = "torchserve-cpu", "torchserve-gpu"


class TorchServeServiceDeclaration(StreamingDeclaration):
    """Same keys as :class:`~modelyard.serving.torchserve.service_args.TorchServeServiceArgs`."""

    RESERVED_VARIABLES: ClassVar[tuple[str, ...]] = ("HOME", DRAIN, *VARIABLES)

    archives: Annotated[list[ModelArchiveDeclaration], Field(min_length=1)]
    archives_folder: str | None = None
    protocol: TorchServeProtocol = "open_inference"
    config: ConfigDeclaration = ConfigDeclaration()

    @model_validator(mode="before")
    @classmethod
    def _default_version(cls, given: Any) -> Any:
        """A single archive's version needs no saying twice."""
        if isinstance(given, dict) and not given.get("rollout") and "version" not in given:
            archives = given.get("archives")
            if isinstance(archives, list) and len(archives) == 1 and isinstance(archives[0], dict):
                return {**given, "version": archives[0].get("version", 1)}
        return given

    @property
    def served_versions(self) -> tuple[int, ...]:
        if self.rollout is not None:
            return (self.rollout.stable,)
        wanted = self.versions or [each.version for each in self.archives]
        return tuple(sorted(set(wanted)))

    @property
    def loaded(self) -> tuple[ArchivedVersion, ...]:
        """The versions that are served, in order."""
        return self.archived(self.served_versions)

    def archived(self, versions: Sequence[int]) -> tuple[ArchivedVersion, ...]:
        """These versions, in order."""
        found = (archived_version(each) for each in self.archives if each.version in versions)
        return tuple(sorted(found, key=lambda one: one.version))

    @model_validator(mode="after")
    def _archives_fit(self) -> TorchServeServiceDeclaration:
        check_archives(self.archives, self.protocol)
        known = [each.version for each in self.archives]
        for wanted in self._wanted_versions():
            if wanted not in known:
                listed = ", ".join(map(str, sorted(known)))
                raise ValueError(f"version {wanted} has no archive; archives has {listed}")
        self._stored_archives()
        self._no_unread_variables()
        return self

    def _wanted_versions(self) -> list[int]:
        if self.rollout is None:
            return [self.version, *self.versions]
        return [each for each in (self.rollout.stable, self.rollout.canary) if each is not None]

    def _stored_archives(self) -> None:
        places: list[tuple[str, StoredDeclaration, tuple[int, ...]]] = [("stored", self.stored, self.served_versions)]
        if self.rollout is not None and self.rollout.canary is not None and self.canary is not None:
            places.append(("canary.stored", self.canary.stored, (self.rollout.canary,)))
        for name, stored, versions in places:
            if not stored.files and stored.layout == "model":
                raise ValueError(
                    f"{name}.layout model asks for version folders, which archives have none of; list the archives in "
                    f"{name}.files, or set {name}.layout: repository"
                )
            listed = [file.path for file in stored.files]
            for each in self.archives:
                if listed and each.version in versions and each.file not in listed:
                    raise ValueError(
                        f"archives: {each.file} is not among {name}.files, which lists {', '.join(listed[:5])}; the "
                        "model store is flat, so list it by that path"
                    )

    def _no_unread_variables(self) -> None:
        for name in (*self.env, *self.secret_env):
            if name.startswith("TS_"):
                raise ValueError(
                    f"the variable {name} is not read: enable_envvars_config is off, so that the file alone says what "
                    f"runs; set config.{name.removeprefix('TS_').lower()}"
                )


def archived_version(declared: ModelArchiveDeclaration) -> ArchivedVersion:
    """With its defaults."""
    return ArchivedVersion(
        declared.version,
        declared.model_version or f"{declared.version}.0",
        declared.file,
        declared.min_workers,
        declared.max_workers or declared.min_workers,
        declared.batch_size,
        declared.max_batch_delay_ms,
        declared.response_timeout_seconds,
        declared.startup_timeout_seconds,
    )


def declaration(name: str, args: TorchServeServiceArgs) -> TorchServeServiceDeclaration:
    """The arguments with their defaults, and the archives read where ``archives_folder`` names them.

    Raises:
        InvalidEnvironment: unknown keys, missing keys, values or archives that do not fit, all at once.
    """
    component = f"TorchServeService {name}"
    declared = read_arguments(TorchServeServiceDeclaration, args, TorchServeServiceArgs, component)
    problems = archive_problems(declared, component)
    if problems:
        raise InvalidEnvironment(problems)
    return declared


def archive_problems(declared: TorchServeServiceDeclaration, component: str) -> list[Problem]:
    """What is wrong with the archives of ``archives_folder``; none without a folder."""
    if declared.archives_folder is None:
        return []
    folder = Path(declared.archives_folder)
    problems: list[Problem] = []
    for at, each in enumerate(declared.archives):
        one = archived_version(each)
        settings = {"min_workers": one.min_workers, "max_workers": one.max_workers, "batch_size": one.batch_size}
        settings["max_batch_delay_ms"] = one.max_batch_delay_ms
        for name in ("response_timeout_seconds", "startup_timeout_seconds"):
            if getattr(one, name) is not None:
                settings[name] = getattr(one, name)
        try:
            archive = read_archive(folder / each.file)
            version = one.model_version
            found = faults(
                archive, model=declared.model, model_version=version, given=settings, argument="model_version"
            )
        except NoArchive as error:
            found = [str(error)]
        problems += [Problem(component, f"archives[{at}]", f"{folder / each.file} {fault}") for fault in found]
    return problems


def torchserve_workload(declared: TorchServeServiceDeclaration) -> Workload:
    """What the manifests are made of.

    Raises:
        InvalidOwnership: the ownership does not fit.
    """
    version = declared.version if declared.rollout is None else declared.rollout.stable
    return workload(declared, torchserve_server(declared, version, declared.loaded, declared.image))


def torchserve_server(
    declared: TorchServeServiceDeclaration, version: int, loaded: tuple[ArchivedVersion, ...], image: Any
) -> Server:
    """TorchServe with these archives, of which ``version`` is the one that answers unnamed; ``image`` is None for the
    catalogue's."""
    canary = declared.canary
    tried = canary is not None and declared.rollout is not None and version == declared.rollout.canary
    stored = canary.stored if tried and canary is not None else declared.stored
    return server(
        Loaded(
            declared.model,
            loaded,
            version,
            REPOSITORY,
            declared.protocol,
            declared.config.properties(),
            declared.config.metrics_config,
        ),
        image=images.get(GPU_IMAGE if declared.resources.gpus else CPU_IMAGE).pinned if image is None else image,
        cpu=declared.resources.cpu,
        request_timeout_seconds=declared.request_timeout_seconds,
        size_bytes=stored_model(stored).size_bytes,
    )
