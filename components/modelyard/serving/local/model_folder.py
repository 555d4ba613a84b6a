"""A model on this machine's disk, before a container is given it: what its server would stumble over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...repository.signature.read import ReadSignature, UnreadableSignature
from ...repository.signature.savedmodel import FILE, SERVING, read_savedmodel

_CONFIG = "config.pbtxt"


def problem(repository: Path, model: str, runtime: str, versions: Sequence[int]) -> str | None:
    """Why the server could not serve it, as one sentence; None where nothing is in its way.

    Args:
        repository: folder of the model's folder.
        model: its folder's name.
        runtime: tensorflow_serving or triton.
        versions: those that are served.
    """
    folder = repository / model
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        return f"{folder} {what}; put the model there, with a folder for each version"
    there = sorted(int(each.name) for each in folder.iterdir() if each.is_dir() and each.name.isdecimal())
    listed = ", ".join(map(str, there)) or "none"
    for version in versions:
        if version not in there:
            return f"{folder} has no version {version}; it has {listed}"
        if runtime == "tensorflow_serving" and (reason := _no_savedmodel(folder / str(version))):
            return reason
    if runtime == "triton" and not (folder / _CONFIG).is_file():
        return f"{folder} has no {_CONFIG}; write the repository with `modelyard render`"
    return None


def signature(repository: Path, model: str, version: int) -> ReadSignature | None:
    """What the SavedModel takes and gives; None where it does not say, or there is none."""
    folder = repository / model / str(version)
    try:
        return read_savedmodel(folder, f"{model}/{version}")
    except UnreadableSignature:
        return None


def _no_savedmodel(folder: Path) -> str | None:
    file = folder / FILE
    if not file.is_file():
        if file.with_suffix(".pbtxt").is_file():
            return None
        return f"{folder} has no {FILE}, so it is no SavedModel; export it with tf.saved_model.save, or model.export"
    try:
        read_savedmodel(folder, str(file))
    except UnreadableSignature as unreadable:
        return f"{file} {unreadable}" if SERVING not in str(unreadable) else None
    return None
