"""Model archives (``.mar``), read and checked before anything starts.

An archive is a zip file with ``MAR-INF/MANIFEST.json`` ("Torch Model archiver" of TorchServe 0.12). TorchServe skips an
archive that it cannot read and calls itself healthy; a handler that is missing shows when a worker has died.
"""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.spelling import nearest

MANIFEST = "MAR-INF/MANIFEST.json"
DEFAULT_HANDLERS = ("image_classifier", "image_segmenter", "object_detector", "text_classifier")
"""Handlers that TorchServe brings ("Torchserve default inference handlers")."""

_RUNTIMES = ("python", "python3", "LSP")
_NAMED_FILES = ("modelFile", "serializedFile", "requirementsFile", "configFile")
_FRONTEND = {"minWorkers": "min_workers", "maxWorkers": "max_workers", "batchSize": "batch_size",
             "maxBatchDelay": "max_batch_delay_ms", "responseTimeout": "response_timeout_seconds",
             "startupTimeout": "startup_timeout_seconds"}  # fmt: skip
_MOST_MANIFEST_BYTES = 1024 * 1024


class NoArchive(Exception):
    """The file is not a model archive. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class ModelArchive:
    """What an archive says of itself."""

    file: str
    """Its file name."""
    model: str | None
    version: str | None
    handler: str | None
    manifest: Mapping[str, Any]
    names: frozenset[str]
    """Paths in the archive."""
    handler_source: str | None
    """Text of the handler that the archive carries; None: one of TorchServe's own, or missing."""
    config: Mapping[str, Any]
    """Of ``configFile``, which overrules config.properties; empty without one."""

    @property
    def described(self) -> Mapping[str, Any]:
        """The manifest's entry ``model``."""
        found = self.manifest.get("model")
        return found if isinstance(found, Mapping) else {}


def read_archive(path: Path) -> ModelArchive:
    """What a file says of itself; its content is not run.

    Raises:
        NoArchive: it cannot be read, is not a zip file, or has no manifest in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = frozenset(archive.namelist())
            if MANIFEST not in names:
                raise NoArchive(f"has no {MANIFEST}; make it with torch-model-archiver")
            if archive.getinfo(MANIFEST).file_size > _MOST_MANIFEST_BYTES:
                raise NoArchive(f"has a {MANIFEST} of more than 1 MiB; make it with torch-model-archiver")
            try:
                manifest = json.loads(archive.read(MANIFEST).decode("utf-8"))
            except ValueError as error:
                raise NoArchive(f"has a {MANIFEST} that is no JSON: {error}") from None
            if not isinstance(manifest, dict):
                raise NoArchive(f"has a {MANIFEST} that is no JSON object; make it with torch-model-archiver")
            found = manifest.get("model")
            described: dict[str, Any] = found if isinstance(found, dict) else {}
            handler = _text(described.get("handler"))
            source = _handler_file(handler)
            return ModelArchive(
                path.name,
                _text(described.get("modelName")),
                _text(described.get("modelVersion")),
                handler,
                manifest,
                names,
                archive.read(source).decode("utf-8", "replace") if source in names else None,
                _config(archive, described.get("configFile"), names),
            )
    except FileNotFoundError:
        raise NoArchive("does not exist") from None
    except zipfile.BadZipFile:
        raise NoArchive("is no zip file, which a model archive is; make it with torch-model-archiver") from None
    except OSError as error:
        raise NoArchive(f"cannot be read: {(error.strerror or 'unknown error').lower()}") from None


def faults(
    archive: ModelArchive,
    *,
    model: str,
    model_version: str,
    given: Mapping[str, int] | None = None,
    argument: str | None = None,
) -> list[str]:
    """What is wrong with it, one sentence each.

    Args:
        model: name that it must have.
        model_version: version that it must have.
        given: settings of this version, by argument (``min_workers``), that the archive's own would overrule.
        argument: name of what declares the version, where it may be another. Default: nothing does.
    """
    if not archive.described:
        return [f"has a {MANIFEST} without a model; make the archive with torch-model-archiver"]
    return [
        *_identity(archive, model, model_version, argument),
        *_files(archive),
        *_handler(archive),
        *_overruled(archive, given or {}),
    ]


def _identity(archive: ModelArchive, model: str, model_version: str, argument: str | None) -> Iterator[str]:
    if archive.model is not None and archive.model != model:
        yield f"is of the model {archive.model!r}, and {model!r} is served; archive it with --model-name {model}"
    if archive.version != model_version:
        found = "no version" if archive.version is None else f"version {archive.version!r}"
        otherwise = "" if argument is None else f", or say so in {argument}"
        yield f"has {found}, and {model_version!r} is declared; archive it with --version {model_version}{otherwise}"
    runtime = archive.manifest.get("runtime", "python")
    if runtime not in _RUNTIMES:
        yield f"has the runtime {runtime!r}; TorchServe knows {', '.join(_RUNTIMES)}"


def _files(archive: ModelArchive) -> Iterator[str]:
    outside = sorted(name for name in archive.names if name.startswith("/") or ".." in name.split("/"))
    if outside:
        yield f"holds {outside[0]!r}, which leaves the folder that it is unpacked to; make it anew"
    for key in _NAMED_FILES:
        name = _text(archive.described.get(key))
        if name is not None and name.rpartition("/")[2] not in archive.names and name not in archive.names:
            yield f"names {name!r} as {key} and does not hold it; add the file, or take the name out"
    if _text(archive.described.get("requirementsFile")) is not None:
        yield (
            "brings packages of its own, which a pod does not install when it starts; build them into the image, and "
            "archive without --requirements-file"
        )


def _handler(archive: ModelArchive) -> Iterator[str]:
    if archive.handler is None:
        yield f"names no handler; archive it with --handler, a file or one of {', '.join(DEFAULT_HANDLERS)}"
        return
    named = archive.handler.partition(":")[0]
    if named in DEFAULT_HANDLERS:
        if _text(archive.described.get("serializedFile")) is None:
            yield f"has the handler {named!r} and no serialized file; archive it with --serialized-file"
        return
    if archive.handler_source is None:
        close = nearest(named.removesuffix(".py"), DEFAULT_HANDLERS)
        hint = f"did you mean {close!r}? TorchServe brings" if close else "TorchServe brings"
        yield (
            f"names the handler {archive.handler!r} and does not hold {_handler_file(archive.handler)}; add the file; "
            f"{hint} {', '.join(DEFAULT_HANDLERS)}"
        )
        return
    yield from _entry_point(archive)


def _entry_point(archive: ModelArchive) -> Iterator[str]:
    """Follows TorchServe's loader: the function after the colon, else ``handle``, else the module's only class."""
    handler = archive.handler or ""
    file = _handler_file(handler)
    try:
        module = ast.parse(archive.handler_source or "", file)
    except (SyntaxError, ValueError) as error:
        line = f" line {error.lineno}" if isinstance(error, SyntaxError) else ""
        yield f"has a handler {file} that is no Python:{line} {getattr(error, 'msg', error)}"
        return
    functions = {each.name for each in module.body if isinstance(each, ast.FunctionDef)}
    classes = [each for each in module.body if isinstance(each, ast.ClassDef)]
    wanted = handler.partition(":")[2] or "handle"
    names = functions | {name for each in module.body for name in _bound(each)}
    if wanted in names or (any(isinstance(each, ast.ImportFrom) for each in module.body) and not classes):
        return
    if ":" in handler:
        has = ", ".join(sorted(functions)) or "no function"
        yield f"names the function {wanted!r} of {file}, which has no such function; it has {has}"
    elif len(classes) != 1:
        count = "no class" if not classes else f"{len(classes)} classes"
        yield (
            f"has a handler {file} with {count} and no function handle; TorchServe takes one class, or a function "
            "handle(data, context)"
        )
    elif not classes[0].bases:
        methods = {each.name for each in classes[0].body if isinstance(each, ast.FunctionDef)}
        for method in ("initialize", "handle"):
            if method not in methods:
                yield f"has a handler {file} whose class {classes[0].name} lacks the method {method}, which is called"


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Names that an assignment or an import binds."""
    if isinstance(statement, ast.Assign):
        yield from (each.id for each in statement.targets if isinstance(each, ast.Name))
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (each.asname or each.name for each in statement.names)


def _overruled(archive: ModelArchive, given: Mapping[str, int]) -> Iterator[str]:
    """The archive's own configuration is stronger than config.properties."""
    for key, argument in _FRONTEND.items():
        own = archive.config.get(key)
        if own is not None and argument in given and own != given[argument]:
            yield (
                f"says {key} {own} in its configuration file, which overrules {argument} {given[argument]}; say the "
                "same in both"
            )


def _config(archive: zipfile.ZipFile, name: Any, names: frozenset[str]) -> Mapping[str, Any]:
    file = (_text(name) or "").rpartition("/")[2]
    if file not in names:
        return {}
    import yaml

    try:
        read = yaml.safe_load(archive.read(file))
    except yaml.YAMLError:
        return {}
    return read if isinstance(read, dict) else {}


def _handler_file(handler: str | None) -> str:
    """Where the archiver puts it: at the root, whatever folder it came from."""
    named = (handler or "").partition(":")[0].rpartition("/")[2]
    return named if named.endswith(".py") else f"{named}.py"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
