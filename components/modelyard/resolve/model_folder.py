"""A model's folder for a runtime other than Triton: its files as they lie, by version."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..environment.credential import shown
from ..environment.model import Model
from ..environment.yaml_document import Steps
from ..repository.load import BESIDE, wrong_name
from ..repository.model_files import misplaced, model_files
from ..repository.repository import RepositoryFile
from ..repository.version_folder import versions_of
from .finding import Finding

_OTHERS = ("model.yaml", "config.pbtxt")
"""Files that only Triton has a use for."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What is uploaded to the model store."""

    files: tuple[RepositoryFile, ...]
    """Keys begin with the model's name: ``resnet50/1/saved_model.pb``."""

    @property
    def versions(self) -> tuple[int, ...]:
        """Numbers of the version folders that hold a file, in ascending order."""
        return versions_of(file.key for file in self.files)

    def of_version(self, version: int) -> tuple[RepositoryFile, ...]:
        """Files of one version."""
        return tuple(file for file in self.files if file.key.split("/")[1] == str(version))


def read_folder(folder: Path, model: Model, boundary: Path) -> ModelFolder | list[Finding]:
    """Every file of the version folders, or everything that is wrong with them.

    Args:
        folder: absolute.
        model: its ``name``, ``source`` and ``version``.
        boundary: no path may leave this folder, links included.
    """
    wrong = wrong_name(model.name) or misplaced(folder, boundary) or (None if folder.is_dir() else "is no folder")
    if wrong:
        return [Finding(("source",), f"{shown(model.source)} {wrong}")]
    for other in _OTHERS:
        if (folder / other).exists():
            return [
                Finding(
                    ("runtime",),
                    f"{shown(os.path.join(model.source, other))} is for Triton; set runtime: triton, or delete the "
                    "file",
                )
            ]
    problems: list[str] = []
    files = model_files(folder, model.name, lambda key: key not in BESIDE, problems)
    if problems:
        return [Finding(("source",), f"{shown(model.source)}: {problem}") for problem in problems]
    found = ModelFolder(files)
    return missing_versions(model, found.versions) or found


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
