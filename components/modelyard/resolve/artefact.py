"""The files that a server loads: found, checked against what Triton accepts, and hashed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..catalog.spelling import nearest
from ..environment.credential import credential, shown
from ..environment.model import Model
from .finding import Finding
from .resolved import Artefact, ArtefactFile
from .triton_config import BadConfig, ModelConfig, read_config

_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?$")
_MODEL_FILES: dict[str, tuple[str, ...]] = {
    "onnx": ("model.onnx",),
    "tensorrt": ("model.plan",),
    "torchscript": ("model.pt",),
    "savedmodel": ("model.savedmodel",),
    "python": ("model.py",),
    "fil": ("xgboost.json", "xgboost.model", "xgboost.ubj", "model.txt", "checkpoint.tl"),
    "openvino": ("model.xml",),
}
"""Default file names of Triton's backends (triton-inference-server/server docs/user_guide/model_repository.md, and
triton-inference-server/fil_backend docs/model_support.md)."""
_BACKENDS = {
    "onnx": ("onnxruntime", "onnxruntime_onnx"),
    "tensorrt": ("tensorrt", "tensorrt_plan"),
    "torchscript": ("pytorch", "pytorch_libtorch"),
    "savedmodel": ("tensorflow", "tensorflow_savedmodel"),
    "python": ("python",),
    "fil": ("fil",),
    "openvino": ("openvino",),
}
"""``backend`` and the older ``platform`` of each format."""
_COMPLETED_FORMATS = ("onnx", "savedmodel", "tensorrt", "openvino")
"""Triton completes the configuration of these from the model itself."""
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_SKIPPED = ("__pycache__",)


@dataclass(frozen=True, slots=True)
class _Folder:
    files: tuple[ArtefactFile, ...]
    config: ModelConfig | None
    findings: tuple[Finding, ...]


class ArtefactReader:
    """Reads the folders of one environment, each once."""

    def __init__(self, environment_folder: Path) -> None:
        self._base = environment_folder
        self._boundary = repository_folder(environment_folder)
        self._folders: dict[Path, _Folder] = {}

    def read(self, model: Model) -> Artefact | list[Finding]:
        """The artefact of a model, or what Triton would stumble over."""
        if "://" in model.source:
            return _remote(model)
        folder = Path(os.path.normpath(self._base / model.source))
        try:
            wrong = self._misplaced(model, folder)
        except OSError as error:
            wrong = f"{shown(model.source)} cannot be read: {(error.strerror or 'unknown error').lower()}"
        if wrong:
            return [Finding(("source",), wrong)]
        if folder not in self._folders:
            self._folders[folder] = _listed(folder)
        found = self._folders[folder]
        findings = [*found.findings, *_missing(model, folder, found)] or _contradictions(model, found.config)
        if findings:
            return findings
        served = [file for file in found.files if _version_of(file.key) in (None, model.version)]
        return Artefact(found.files, None, _digest(served), found.config.max_batch_size if found.config else None)

    def _misplaced(self, model: Model, folder: Path) -> str | None:
        if os.path.isabs(model.source):
            return (
                f"{shown(model.source)} must be relative to the environment's folder, so that it is the same on "
                "every machine"
            )
        real = Path(os.path.realpath(folder))
        if not (real.is_relative_to(os.path.realpath(self._boundary)) and folder.is_relative_to(self._boundary)):
            return f"{shown(model.source)} leads out of the repository; keep the model inside it, or name an s3:// URL"
        if folder.is_dir():
            return None
        if os.path.islink(folder) and not folder.exists():
            return f"{shown(model.source)} is a link that leads nowhere; mend the link, or name the folder itself"
        if folder.exists():
            return f"{shown(model.source)} is a file; name the folder that holds config.pbtxt and the version folders"
        siblings = [entry.name for entry in folder.parent.iterdir() if entry.is_dir()] if folder.parent.is_dir() else []
        closest = nearest(folder.name, sorted(siblings))
        hint = f"; did you mean {os.path.join(os.path.dirname(model.source), closest)!r}?" if closest else ""
        return f"there is no folder {shown(model.source)}, which is looked for from the environment's folder{hint}"


def repository_folder(environment_folder: Path) -> Path:
    """The nearest folder around an environment with ``Pulumi.yaml`` or ``.git``; else the one that holds it."""
    for folder in environment_folder.parents:
        if (folder / "Pulumi.yaml").is_file() or (folder / ".git").exists():
            return folder
    return environment_folder.parent


def _remote(model: Model) -> Artefact | list[Finding]:
    if not _S3.fullmatch(model.source):
        return [
            Finding(
                ("source",),
                f"{shown(model.source)} must be a folder of this repository or a URL s3://<bucket>/<prefix>",
            )
        ]
    url = model.source.rstrip("/")
    return Artefact((), url, hashlib.sha256(f"{url}\n{model.version}".encode()).hexdigest())


def _listed(folder: Path) -> _Folder:
    files: list[ArtefactFile] = []
    findings: list[Finding] = []
    real_folder = os.path.realpath(folder)
    unreadable: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        linked = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in sorted([*linked, *(name for name in names if not name.startswith("."))]):
            path = os.path.join(parent, name)
            key = Path(path).relative_to(folder).as_posix()
            real = os.path.realpath(path)
            if name in linked:
                findings.append(
                    Finding(("source",), f"{shown(key)} is a link to a folder; put the files themselves there")
                )
            elif not real.startswith(real_folder + os.sep):
                findings.append(
                    Finding(("source",), f"{shown(key)} is a link that leaves the folder; put the file itself there")
                )
            elif not os.path.isfile(real):
                findings.append(Finding(("source",), f"{shown(key)} is no file; delete it"))
            else:
                files.append(_hashed(key, path, findings))
    for error in unreadable:
        key = Path(error.filename).relative_to(folder).as_posix()
        reason = (error.strerror or "unknown error").lower()
        findings.append(Finding(("source",), f"the folder {shown(key)} cannot be read: {reason}"))
    config_file = next((file for file in files if file.key == "config.pbtxt"), None)
    config = None
    if config_file and not findings:
        try:
            config = read_config(Path(config_file.path))
        except BadConfig as wrong:
            findings.append(Finding(("source",), f"config.pbtxt{wrong}"))
    return _Folder(tuple(sorted(files, key=lambda file: file.key)), config, tuple(findings))


def _hashed(key: str, path: str, findings: list[Finding]) -> ArtefactFile:
    try:
        with open(path, "rb") as content:
            if content.read(len(_LFS_POINTER)) == _LFS_POINTER:
                findings.append(
                    Finding(("source",), f"{shown(key)} is a Git LFS pointer and not the file; run git lfs pull")
                )
            content.seek(0)
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            return ArtefactFile(key, os.path.abspath(path), sha256, os.fstat(content.fileno()).st_size)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        findings.append(Finding(("source",), f"{shown(key)} cannot be read: {reason}"))
        return ArtefactFile(key, os.path.abspath(path), "", 0)


def _missing(model: Model, folder: Path, found: _Folder) -> list[Finding]:
    keys = {file.key: file for file in found.files}
    versions = sorted({version for key in keys if (version := _version_of(key)) is not None})
    source = shown(model.source)
    findings: list[Finding] = []
    if "config.pbtxt" not in keys and model.format not in _COMPLETED_FORMATS:
        findings.append(
            Finding(
                ("source",),
                f"{source} has no config.pbtxt, and Triton cannot complete one for the format {model.format}; write it",
            )
        )
    if model.version not in versions:
        listed = f"; it has {', '.join(map(str, versions))}" if versions else "; it has no version folder at all"
        empty = (folder / str(model.version)).is_dir()
        what = (
            f"the version folder {model.version} of {source} is empty"
            if empty
            else f"{source} has no folder {model.version}"
        )
        findings.append(Finding(("version",), f"{what}{'' if empty and not versions else listed}"))
        return findings
    names = (
        (found.config.default_model_filename,)
        if found.config and found.config.default_model_filename
        else _MODEL_FILES[model.format]
    )
    prefix = f"{model.version}/"
    inside = {key[len(prefix) :].split("/")[0]: file for key, file in keys.items() if key.startswith(prefix)}
    present = [name for name in names if name in inside]
    if not present:
        what = (
            f"has no {prefix}{names[0]}, which"
            if len(names) == 1
            else f"has none of {', '.join(prefix + name for name in names)}, one of which"
        )
        hang = "; without it the server would wait for ever" if model.format == "python" else ""
        held = ", ".join(name if not credential(name) else "[hidden]" for name in sorted(inside)[:8])
        message = f"{source} {what} the format {model.format} needs{hang}; there is {held}"
        findings.append(Finding(("source",), message))
    elif keys.get(prefix + present[0]) is not None and keys[prefix + present[0]].size == 0:
        findings.append(Finding(("source",), f"{shown(prefix + present[0])} of {source} is empty"))
    return findings


def _contradictions(model: Model, config: ModelConfig | None) -> list[Finding]:
    if config is None:
        return []
    findings: list[Finding] = []
    if config.name is not None and config.name != model.name:
        findings.append(
            Finding(
                ("name",),
                f"config.pbtxt of {shown(model.source)} says name: {shown(config.name)}; Triton wants the name of "
                f"the model, {model.name!r}, or none",
            )
        )
    written = config.backend or config.platform
    allowed = _BACKENDS[model.format]
    if written and written not in allowed:
        key = "backend" if config.backend else "platform"
        fitting = next((name for name, each in _BACKENDS.items() if written in each), None)
        hint = f"; is the format {fitting}?" if fitting else ""
        findings.append(
            Finding(
                ("format",),
                f"{model.format!r} does not go with {key}: {shown(written)} in config.pbtxt of "
                f"{shown(model.source)}, which must be {' or '.join(allowed)}{hint}",
            )
        )
    if config.specific_versions and model.version not in config.specific_versions:
        findings.append(
            Finding(
                ("version",),
                f"{model.version} is not among the versions that version_policy of config.pbtxt serves: "
                f"{', '.join(map(str, config.specific_versions))}",
            )
        )
    return findings


def _version_of(key: str) -> int | None:
    first, slash, _ = key.partition("/")
    return int(first) if slash and first.isascii() and first.isdigit() and first[0] != "0" else None


def _digest(files: Iterable[ArtefactFile]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.key}\0{file.sha256}\n".encode())
    return total.hexdigest()
