"""Files beside ``model.yaml``: which of them the server is to see, and those that a declaration names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..environment.credential import shown
from ..environment.yaml_document import Steps
from .declared.model import ModelDeclaration
from .declared.python import PythonModel
from .model_files import Selected
from .version_folder import is_version

WARMUP, INITIAL_STATE = "warmup", "initial_state"
"""Folders that the server looks for data in."""


def selection(model: ModelDeclaration) -> Selected:
    """Which files and folders of a declared model's folder the server is to see."""
    wanted = {WARMUP, INITIAL_STATE, *(path.rstrip("/") for _, path in _beside(model)), *map(_plain, model.files)}

    def selected(key: str) -> bool:
        first = key.split("/", 1)[0]
        if is_version(first):
            return True
        return any(key == path or key.startswith(path + "/") or path.startswith(key + "/") for path in wanted)

    return selected


def named_files(model: ModelDeclaration, found: Collection[str]) -> Iterator[tuple[Steps, str]]:
    """Where, and the sentence, of every named file that leaves the model's folder or is not in it.

    Args:
        model: the declaration.
        found: paths below the model's folder of the files that were found.
    """
    for steps, path in [*_beside(model), *((("files", at), path) for at, path in enumerate(model.files))]:
        if _leaves(path):
            yield steps, f"{shown(path)} must lie in the model's own folder; give its path relative to that"
        elif not any(each == _plain(path) or each.startswith(_plain(path) + "/") for each in found):
            yield steps, f"there is no {shown(path)} in the model's folder"


def _beside(model: ModelDeclaration) -> Iterator[tuple[Steps, str]]:
    for at, output in enumerate(model.outputs):
        if output.label_filename is not None:
            yield ("outputs", at, "label_filename"), output.label_filename
    for at, warmup in enumerate(model.warmup):
        for name, data in warmup.inputs.items():
            if data.input_data_file is not None:
                yield ("warmup", at, "inputs", name, "input_data_file"), f"{WARMUP}/{data.input_data_file}"
    for at, state in enumerate(model.sequence_batching.state if model.sequence_batching else ()):
        for position, initial in enumerate(state.initial_state):
            if initial.data_file is not None:
                steps = ("sequence_batching", "state", at, "initial_state", position, "data_file")
                yield steps, f"{INITIAL_STATE}/{initial.data_file}"
    archive = model.execution_env if isinstance(model, PythonModel) else None
    if archive is not None and not archive.startswith(("/", "$$")):
        yield ("execution_env",), archive
    for at, library in enumerate(model.op_library_filenames):
        if not library.startswith("/"):
            yield ("op_library_filenames", at), library


def _leaves(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/")


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))
