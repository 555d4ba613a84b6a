"""Where a model's files come from: its folder, read once, or an address that somebody else fills."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ..catalog.spelling import nearest
from ..environment.credential import shown
from ..environment.model import Model
from ..environment.problem import Problem
from ..repository.invalid import InvalidRepository
from ..repository.load import read
from ..repository.source import Declared
from .finding import Finding
from .format import served_format, unfit_format
from .model_folder import ModelFolder, read_folder

_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?$")


@dataclass(frozen=True, slots=True)
class Source:
    """Exactly one of declared, url and folder is set."""

    declared: Declared | None
    """For Triton."""
    url: str | None
    """``s3://bucket/prefix``"""
    shown: str = ""
    """The folder as errors name it: ``models/tagging``."""
    folder: ModelFolder | None = None
    """For another runtime."""


class SourceReader:
    """Reads the folders of one environment."""

    def __init__(self, environment_folder: Path) -> None:
        self._base = environment_folder
        self._boundary = repository_folder(environment_folder)

    def read(self, model: Model) -> Source | list[Finding | Problem]:
        """What the model's source holds, or everything that is wrong with it: problems where they have a file of their
        own, findings where it is the declaration of the source that is wrong."""
        if refusal := unfit_format(model):
            return [refusal]
        if "://" in model.source:
            return _remote(model)
        if os.path.isabs(model.source):
            return [
                Finding(
                    ("source",),
                    f"{shown(model.source)} must be relative to the environment's folder, so that it is the same on "
                    "every machine",
                )
            ]
        folder = Path(os.path.normpath(self._base / model.source))
        try:
            if folder.is_relative_to(self._boundary) and (missing := _missing(model, folder)):
                return [Finding(("source",), missing)]
            if model.server != "triton":
                return self._folder(model, folder)
            declared = read(folder, model.name, boundary=self._boundary, format=model.format)
        except InvalidRepository as invalid:
            return self.told(model, invalid.problems)
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            return [Finding(("source",), f"{shown(model.source)} cannot be read: {reason}")]
        if wrong := _contradiction(model, declared):
            return [wrong]
        return Source(declared, None, os.path.normpath(os.path.relpath(folder, self._base.parent)))

    def _folder(self, model: Model, folder: Path) -> Source | list[Finding | Problem]:
        found = read_folder(folder, model, served_format(model), self._boundary)
        if isinstance(found, list):
            return list(found)
        return Source(None, None, os.path.normpath(os.path.relpath(folder, self._base.parent)), found)

    def told(self, model: Model, problems: tuple[Problem, ...] | list[Problem]) -> list[Finding | Problem]:
        """Problems of a model's folder as this environment's reader meets them."""
        folder = Path(os.path.normpath(self._base / model.source))
        around = os.path.relpath(folder.parent, self._base.parent)
        told: list[Finding | Problem] = []
        for problem in problems:
            if problem.file == folder.name:
                told.append(Finding(("source",), f"{shown(model.source)}{_joint(problem.message)}{problem.message}"))
            elif problem.file.startswith(f"{folder.name}/"):
                told.append(replace(problem, file=os.path.normpath(f"{around}/{problem.file}")))
            else:
                told.append(problem)
        return told


def _joint(message: str) -> str:
    """Between the folder and what is said of it, or of something in it."""
    return " " if message.startswith(("holds ", "is ", "leads ")) else ": "


def repository_folder(environment_folder: Path) -> Path:
    """The nearest folder around an environment with ``Pulumi.yaml`` or ``.git``; else the one that holds it."""
    for folder in environment_folder.parents:
        if (folder / "Pulumi.yaml").is_file() or (folder / ".git").exists():
            return folder
    return environment_folder.parent


def _missing(model: Model, folder: Path) -> str | None:
    if folder.exists() or os.path.islink(folder):
        return None
    siblings = [entry.name for entry in folder.parent.iterdir() if entry.is_dir()] if folder.parent.is_dir() else []
    closest = nearest(folder.name, sorted(siblings))
    hint = f"; did you mean {os.path.join(os.path.dirname(model.source), closest)!r}?" if closest else ""
    return f"there is no folder {shown(model.source)}, which is looked for from the environment's folder{hint}"


def _remote(model: Model) -> Source | list[Finding | Problem]:
    if not _S3.fullmatch(model.source):
        return [
            Finding(
                ("source",),
                f"{shown(model.source)} must be a folder of this repository or a URL s3://<bucket>/<prefix>",
            )
        ]
    kserve = model.kserve
    if kserve is not None and model.is_copied:
        why = "mode knative" if kserve.mode == "knative" else "model_cache"
        return [
            Finding(
                ("source",),
                f"{shown(model.source)} is somebody else's, and with {why} KServe copies the folder around the model's "
                "as it lies; name a folder of this repository, which is uploaded for it",
            )
        ]
    if model.server == "torchserve":
        return [
            Finding(
                ("source",),
                f"{shown(model.source)} is somebody else's, and TorchServe has to be told each archive in it; name a "
                "folder of this repository",
            )
        ]
    return Source(None, model.source.rstrip("/"))


def _contradiction(model: Model, declared: Declared) -> Finding | None:
    served = declared.models[0].declaration
    if served is None or model.format is None or served.format == model.format:
        return None
    return Finding(
        ("format",),
        f"{model.format!r} is not what model.yaml of {shown(model.source)} says, which is {served.format!r}; delete "
        "format here",
    )
