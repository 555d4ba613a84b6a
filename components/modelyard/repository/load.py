"""Reads a model's source folder: ``model.yaml``, or ``config.pbtxt`` with version folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ..catalog import triton_backends
from ..catalog.spelling import nearest
from ..environment.credential import shown
from ..environment.environment import shown_path
from ..environment.messages import named
from ..environment.problem import Problem
from ..environment.source_map import SourceMap
from ..environment.yaml_document import Steps, UnreadableFile
from ..environment.yaml_document import read as read_yaml
from .declared.model import ModelDeclaration
from .invalid import InvalidRepository
from .model_files import Progress, misplaced, model_files
from .named_files import named_files, selection
from .protobuf import ModelConfig, new_config
from .repository import Origin
from .signature.read import ReadSignature, UnreadableSignature
from .source import Declared, DeclaredModel
from .validate import validated
from .written import BadConfig, read_config

DECLARATION = "model.yaml"
CONFIGURATION = "config.pbtxt"
BESIDE = ("profile.json", "golden.json")
"""Files beside a model that are for Modelyard and not for the server."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DEEPEST = 16


def read(
    folder: Path, name: str, *, boundary: Path, format: str | None = None, progress: Progress | None = None
) -> Declared:
    """Read the folder of one model, and of every model that it is composed of. Nothing in it is executed.

    Args:
        folder: holds ``model.yaml``, or a hand-written ``config.pbtxt`` with version folders.
        name: the model's name, one path segment.
        boundary: no path may leave this folder, links included.
        format: of a folder that holds neither, where Triton completes the configuration from the model itself
            (onnx, tensorrt, savedmodel, openvino).
        progress: told a file's key, the bytes hashed of it, and its size.

    Raises:
        InvalidRepository: holds all problems of all files at once, each with its file and line.
    """
    reading = _Reading(Path(os.path.abspath(boundary)), progress)
    reading.folder(Path(os.path.abspath(folder)), name, format)
    return reading.declared(name)


def wrong_name(name: str) -> str | None:
    """Why a model cannot be called so, or None: a name is one segment of a path."""
    if _NAME.fullmatch(name):
        return None
    return (
        f"{shown(name)} must be one path segment of at most 128 letters, digits, dots, hyphens and underscores, "
        "beginning with a letter, a digit or an underscore"
    )


class _Reading:
    """One run of :func:`read`."""

    def __init__(self, boundary: Path, progress: Progress | None) -> None:
        self._boundary = boundary
        self._progress = progress
        self._paths: dict[str, Path] = {}
        self._sources = SourceMap(self._paths)
        self._problems: list[Problem] = []
        self._models: dict[str, DeclaredModel] = {}
        self._beside: dict[str, str] = {}
        self._open: list[Path] = []

    def declared(self, name: str) -> Declared:
        if self._problems or name not in self._models:
            raise InvalidRepository(list(dict.fromkeys(self._problems)))
        return Declared(
            name,
            tuple(self._models.values()),
            self._beside.get("profile.json"),
            self._beside.get("golden.json"),
        )

    def folder(self, folder: Path, name: str, format: str | None) -> None:
        """Read one folder, and remember its models; the first one is the model that callers name."""
        wrong = wrong_name(name) or misplaced(folder, self._boundary) or self._no_folder(folder)
        if wrong:
            self._problems.append(Problem(folder.name, "", wrong))
            return
        first = not self._open
        declared = (folder / DECLARATION).exists()
        if declared and (folder / CONFIGURATION).exists():
            self._problems.append(
                Problem(
                    f"{folder.name}/{CONFIGURATION}",
                    "",
                    f"lies beside {DECLARATION}, which generates it; delete one of the two",
                )
            )
            return
        self._open.append(folder)
        if declared:
            self._declaration(folder, name)
        else:
            self._written(folder, name, format)
        self._open.pop()
        if first:
            self._beside = {each: str(folder / each) for each in BESIDE if (folder / each).is_file()}

    def _no_folder(self, folder: Path) -> str | None:
        if folder.is_dir():
            return "its model.yaml names itself" if folder in self._open or len(self._open) > _DEEPEST else None
        if os.path.islink(folder) and not folder.exists():
            return "is a link that leads nowhere; mend the link, or name the folder itself"
        if folder.exists():
            return f"is a file; name the folder that holds {DECLARATION}, or {CONFIGURATION} and version folders"
        siblings = (
            sorted(each.name for each in folder.parent.iterdir() if each.is_dir()) if folder.parent.is_dir() else []
        )
        closest = nearest(folder.name, siblings)
        return "there is no such folder" + (f"; did you mean {closest!r}?" if closest else "")

    def _declaration(self, folder: Path, name: str) -> None:
        file = f"{folder.name}/{DECLARATION}"
        self._paths[file] = folder / DECLARATION
        try:
            document = read_yaml(folder / DECLARATION)
        except UnreadableFile as error:
            self._problems.append(Problem(file, "", error.message, error.line))
            return
        for steps, line, message in read_yaml(folder / DECLARATION, lines=True).repeated if document.repeated else ():
            self._problems.append(Problem(file, shown_path(steps), message, line))
        if not isinstance(document.data, dict):
            kind = "a list" if isinstance(document.data, list) else "a single value"
            self._problems.append(Problem(file, "", f"holds {kind}; it must hold a mapping of keys to values"))
            return
        found = validated(document.data, lambda steps: self._sources.spelled(file, steps))
        for steps, message in found.problems:
            self._add(file, steps, message + named(document.data, steps))
        if found.model is not None:
            if found.model.source is not None:
                self._add(
                    file,
                    ("source",),
                    f"{shown(found.model.source)} is for models of an ensemble: the file's own "
                    f"model lies beside {DECLARATION}; delete it",
                )
            if found.model.name is not None and found.model.name != name:
                self._add(file, ("name",), f"{shown(found.model.name)} must be {name!r}, the model's name, or left out")
            self._model(folder, name, found.model, Origin(file, (), self._sources))
        for position, composing in found.composing:
            at: Steps = ("models", position)
            composing_name = composing.name or ""
            wrong = wrong_name(composing_name)
            if wrong:
                self._add(file, (*at, "name"), wrong)
            elif composing_name in self._models or composing_name == name:
                self._add(file, (*at, "name"), f"{composing_name!r} is the name of two models; rename one")
            else:
                self._composing(folder, composing_name, composing, Origin(file, at, self._sources))

    def _composing(self, folder: Path, name: str, composing: Any, origin: Origin) -> None:
        source = composing.source or name
        own = self._below(folder, source, origin, "source")
        if own is None:
            return
        if isinstance(composing, ModelDeclaration):
            missing = self._no_folder(own)
            if missing and (composing.source is not None or _needs_files(composing)):
                where = f"{shown(source)} beside {DECLARATION}"
                self._add(origin.file, (*origin.steps, "source"), f"{where}: {missing}")
                return
            self._model(own, name, composing, origin)
            return
        before = len(self._problems)
        self.folder(own, name, None)
        if len(self._problems) > before and not own.is_dir():
            self._problems[before:] = [
                Problem(
                    origin.file,
                    shown_path((*origin.steps, "source")),
                    f"{shown(source)} beside {DECLARATION}: {self._problems[before].message}; a model that is not in a "
                    "folder of its own needs a format here",
                    origin.line("source"),
                )
            ]

    def _model(self, folder: Path, name: str, model: ModelDeclaration, origin: Origin) -> None:
        sentences: list[str] = []
        files = model_files(folder, name, selection(model), sentences, self._progress) if folder.is_dir() else ()
        for sentence in sentences:
            self._add(origin.file, origin.steps, sentence)
        if not sentences:
            for steps, message in named_files(model, {file.key.split("/", 1)[1] for file in files}):
                self._add(origin.file, (*origin.steps, *steps), message)
        signature = self._signature(folder, model, origin)
        self._models[name] = DeclaredModel(name, model, None, files, origin, signature)

    def _signature(self, folder: Path, model: ModelDeclaration, origin: Origin) -> ReadSignature | None:
        wanted = model.signature
        if wanted is None:
            return None
        key, source = wanted.named()
        path = self._below(folder, source, origin, "signature", key)
        if path is None:
            return None
        try:
            from .signature.source import read_source

            return read_source(key, path, source, model)
        except UnreadableSignature as wrong:
            self._add(origin.file, (*origin.steps, "signature", key), f"{shown(source)} {wrong}")
            return None

    def _below(self, folder: Path, source: str, origin: Origin, *steps: str) -> Path | None:
        """A path that a declaration names, or None after saying that it leaves the repository."""
        path = Path(os.path.normpath(folder / source))
        wrong = None
        if os.path.isabs(source):
            wrong = f"must be relative to the folder of {DECLARATION}, so that it is the same on every machine"
        wrong = wrong or misplaced(path, self._boundary)
        if wrong:
            self._add(origin.file, (*origin.steps, *steps), f"{shown(source)} {wrong}")
        return None if wrong else path

    def _written(self, folder: Path, name: str, format: str | None) -> None:
        file = f"{folder.name}/{CONFIGURATION}"
        sentences: list[str] = []
        files = model_files(folder, name, lambda key: key not in BESIDE, sentences, self._progress)
        self._problems.extend(Problem(folder.name, "", sentence) for sentence in sentences)
        config = self._config(folder, name, format)
        if config is None:
            return
        if config.name and config.name != name:
            self._problems.append(
                Problem(file, "name", f"{shown(config.name)} must be {name!r}, the model's name, or left out")
            )
        config.name = name
        self._models[name] = DeclaredModel(name, None, config, files, Origin(file))
        for step in config.ensemble_scheduling.step:
            # The folders of a hand-written ensemble's models lie beside its own, as in any repository of Triton.
            beside = folder.parent / step.model_name
            if step.model_name and step.model_name not in self._models and not wrong_name(step.model_name):
                if beside.is_dir():
                    self.folder(beside, step.model_name, None)
            elif step.model_name and wrong_name(step.model_name):
                self._problems.append(Problem(file, "ensemble_scheduling.step", wrong_name(step.model_name) or ""))

    def _config(self, folder: Path, name: str, format: str | None) -> ModelConfig | None:
        path = folder / CONFIGURATION
        if path.exists():
            wrong = misplaced(path, self._boundary)
            try:
                if not wrong:
                    return read_config(path)
            except BadConfig as bad:
                self._problems.append(Problem(f"{folder.name}/{CONFIGURATION}", "", bad.message, bad.line))
                return None
            self._problems.append(Problem(f"{folder.name}/{CONFIGURATION}", "", wrong or ""))
            return None
        known = triton_backends.get(format) if format in triton_backends.formats() else None
        if known is None or not known.completes_configuration:
            what = f", and Triton cannot complete one for the format {format}" if known else ""
            self._problems.append(
                Problem(folder.name, "", f"holds neither {DECLARATION} nor {CONFIGURATION}{what}; write {DECLARATION}")
            )
            return None
        config = new_config()
        config.name, config.backend, config.platform = name, known.backend, known.platform
        return config

    def _add(self, file: str, steps: Steps, message: str) -> None:
        line = self._sources.line(file, steps) if steps else None
        self._problems.append(Problem(file, shown_path(steps), message, line))


def _needs_files(model: ModelDeclaration) -> bool:
    if model.format == "custom" or (model.format == "vllm" and getattr(model, "engine", None)):
        return False
    return bool(triton_backends.get(model.format).file_names)
