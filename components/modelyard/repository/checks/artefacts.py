"""Files and version folders that the server will look for."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from ...catalog import triton_backends
from ..repository import RepositoryModel
from .backend_name import backend_name
from .fault import Fault, listed
from .fil import file_names as fil_file_names
from .version_policy import loaded

_NO_VERSIONS = ("warmup", "initial_state", "configs")
"""Folders beside the versions that mean something else to Triton."""
_MODEL_DIRECTORY = "$$TRITON_MODEL_DIRECTORY/"


def faults(model: RepositoryModel) -> Iterator[Fault]:
    """triton-inference-server/server docs/user_guide/model_repository.md, Repository Layout, Model Versions, Model
    Files."""
    prefix = f"{model.name}/"
    keys = {file.key.removeprefix(prefix): file.size for file in model.files if file.key.startswith(prefix)}
    if model.config.name and model.config.name != model.name:
        message = f"the configuration says name: {model.config.name!r} in the folder {model.name!r}; make them the same"
        yield Fault(model.name, ("name",), message)
    yield from _outside(model)
    yield from _folders(model, keys)
    versions = loaded(model)
    if not model.versions:
        what = "not even an ensemble" if model.config.HasField("ensemble_scheduling") else "nothing"
        message = f"model {model.name!r} has no version folder with a file in it, and Triton loads {what} without one"
        yield Fault(model.name, (), f"{message}; add {model.name}/1")
    if not _leads_out(model.config.default_model_filename):
        for version in versions:
            yield from _version(model, version, keys)
    yield from _beside(model, keys)


def main_files(model: RepositoryModel) -> tuple[str, ...]:
    """Names of the file, or folder, that the backend opens in a version folder, one of which must be there; empty
    where none is known."""
    config = model.config
    if config.default_model_filename:
        return (config.default_model_filename,)
    backend = backend_name(model)
    if backend == "fil":
        return fil_file_names(config)
    found = triton_backends.of_config(backend, config.platform)
    if found is None or config.HasField("ensemble_scheduling") or config.runtime or config.cc_model_filenames:
        return tuple(config.cc_model_filenames.values())
    return found.file_names


def _outside(model: RepositoryModel) -> Iterator[Fault]:
    for field in ("default_model_filename", "runtime"):
        name = getattr(model.config, field)
        if _leads_out(name):
            message = f"model {model.name!r} has {field} {name!r}, which leads out of its folder; name a file in it"
            yield Fault(model.name, (field,), message)


def _folders(model: RepositoryModel, keys: dict[str, int]) -> Iterator[Fault]:
    for folder in sorted({key.split("/")[0] for key in keys if "/" in key}):
        plain = folder.isascii() and folder.isdecimal() and (folder == "0" or folder[0] != "0")
        if folder in _NO_VERSIONS or plain or not folder.lstrip("+-")[:1].isdecimal():
            continue
        message = f"folder {folder!r} of model {model.name!r} is no version to Triton: they are plain numbers from 1"
        yield Fault(model.name, (), f"{message}; rename it, or delete it")


def _version(model: RepositoryModel, version: int, keys: dict[str, int]) -> Iterator[Fault]:
    names = main_files(model)
    inside = {key.removeprefix(f"{version}/") for key in keys if key.startswith(f"{version}/")}
    held = {key.split("/")[0] for key in inside}
    found = [name for name in names if name in inside or name in held or any(i.startswith(f"{name}/") for i in inside)]
    field = ("default_model_filename",) if model.config.default_model_filename else ()
    if names and not found:
        wanted = listed([f"{version}/{name}" for name in names])
        one = "which its backend opens" if len(names) == 1 else "one of which its backend opens"
        waits = ", and the server would wait for it for ever" if names[0].endswith(".py") else ""
        message = f"model {model.name!r} has no {wanted}, {one}{waits}; there is {listed(sorted(held))}"
        yield Fault(model.name, field, f"{message}: add it, or name it as default_model_filename")
    empty = [name for name in found if keys.get(f"{version}/{name}") == 0]
    if empty:
        message = f"{version}/{empty[0]} of model {model.name!r} is empty; write the model into it"
        yield Fault(model.name, field, message)


def _beside(model: RepositoryModel, keys: dict[str, int]) -> Iterator[Fault]:
    for index, tensor in enumerate(model.config.output):
        label = tensor.label_filename
        if not label:
            continue
        what = f"output {tensor.name!r} of model {model.name!r} takes its labels from {label!r}"
        if _leads_out(label):
            message = f"{what}, which leaves the model's folder; put the file into it"
            yield Fault(model.name, ("output", index, "label_filename"), message)
        elif normpath(label) not in keys:
            message = f"{what}, which is not there; add the file beside the version folders"
            yield Fault(model.name, ("output", index, "label_filename"), message)
    if "EXECUTION_ENV_PATH" in model.config.parameters:
        path = model.config.parameters["EXECUTION_ENV_PATH"].string_value
        inner = normpath(path.removeprefix(_MODEL_DIRECTORY))
        known = inner in keys or any(key.startswith(f"{inner}/") for key in keys)
        if path.startswith(_MODEL_DIRECTORY) and not inner.startswith("..") and not known:
            message = (
                f"model {model.name!r} runs in {inner!r} of its folder (EXECUTION_ENV_PATH), which is not there; add it"
            )
            yield Fault(model.name, ("parameters", "EXECUTION_ENV_PATH"), message)


def _leads_out(name: str) -> bool:
    return normpath(name).startswith(("..", "/"))
