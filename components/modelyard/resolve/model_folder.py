"""A model's folder for a runtime other than Triton: its files as they lie, by version."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.credential import shown
from ..environment.model import Model
from ..environment.yaml_document import Steps
from ..repository.load import BESIDE, wrong_name
from ..repository.model_files import misplaced, model_files
from ..repository.repository import RepositoryFile
from ..repository.version_folder import versions_of
from .finding import Finding
from .server_files import read_archives, unreadable

if TYPE_CHECKING:
    from ..repository.model_archive import ModelArchive

_OTHERS = ("model.yaml", "config.pbtxt")
"""Files that only Triton has a use for."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What is uploaded to the model store."""

    files: tuple[RepositoryFile, ...]
    """Keys begin with the model's name: ``resnet50/1/saved_model.pb``."""
    archives: Mapping[str, ModelArchive] = field(default_factory=dict)
    """What TorchServe's archives of the versions that are served say of themselves, by key."""

    @property
    def versions(self) -> tuple[int, ...]:
        """Numbers of the version folders that hold a file, in ascending order."""
        return versions_of(file.key for file in self.files)

    def of_version(self, version: int) -> tuple[RepositoryFile, ...]:
        """Files of one version."""
        return tuple(file for file in self.files if file.key.split("/")[1] == str(version))


def read_folder(folder: Path, model: Model, format: str, boundary: Path) -> ModelFolder | list[Finding]:
    """Every file of the version folders, or everything that is wrong with them.

    Args:
        folder: absolute.
        model: its ``name``, ``source``, ``server`` and versions.
        format: that the server serves.
        boundary: no path may leave this folder, links included.
    """
    wrong = wrong_name(model.name) or misplaced(folder, boundary) or (None if folder.is_dir() else "is no folder")
    if wrong:
        return [Finding(("source",), f"{shown(model.source)} {wrong}")]
    where = model.target if model.is_managed else model.runtime
    for other in _OTHERS:
        if (folder / other).exists():
            return [
                Finding(
                    ("runtime",)
                    if model.server == model.runtime
                    else (where, "server")
                    if where == model.runtime
                    else (where,),
                    f"{shown(os.path.join(model.source, other))} is for Triton; set "
                    f"{'runtime' if model.server == model.runtime else 'server'}: triton, or delete the file",
                )
            ]
    problems: list[str] = []
    files = model_files(folder, model.name, lambda key: key not in BESIDE, problems)
    if problems:
        return [Finding(("source",), f"{shown(model.source)}: {problem}") for problem in problems]
    found = ModelFolder(files)
    if missing := missing_versions(model, found.versions):
        return missing
    served = [(version, found.of_version(version)) for version in model.served_versions]
    wrong = [each for version, of_version in served for each in unreadable(model, format, version, of_version)]
    if wrong or model.server != "torchserve":
        return wrong or found
    archives = read_archives(model, [file for _, of_version in served for file in of_version], wrong)
    return wrong or ModelFolder(files, archives)


def missing_versions(model: Model, versions: tuple[int, ...]) -> list[Finding]:
    """Versions that the model names and its folder does not hold.

    Args:
        model: as declared.
        versions: those that hold a file.
    """
    has = ", ".join(map(str, versions)) or "no version folder"
    named: list[tuple[Steps, int]] = [(("version",), model.version)]
    if model.rollout is not None:
        named = [(("rollout", "stable"), model.rollout.stable)]
        if model.rollout.canary is not None:
            named.append((("rollout", "canary"), model.rollout.canary))
    return [
        Finding(steps, f"{shown(model.source)} has no files of version {version}; it has {has}")
        for steps, version in named
        if version not in versions
    ]
