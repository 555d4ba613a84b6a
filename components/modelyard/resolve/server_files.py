"""Whether the files of a version are what its server can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from os.path import join
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.server_files import looked_for
from ..environment.credential import shown
from ..environment.model import Model
from ..repository.repository import RepositoryFile
from .finding import Finding

if TYPE_CHECKING:
    from ..repository.model_archive import ModelArchive

_ONE_ALONE = ("torchserve", "sklearnserver", "xgbserver")
"""Servers that stop where there are two files that they could read."""
_OWN_SETTINGS = "model-settings.json"
"""MLServer finds its model by this file where there is one."""


def unreadable(model: Model, format: str, version: int, files: Sequence[RepositoryFile]) -> list[Finding]:
    """Why the server would not find its model among the files of a version; empty: it would.

    Args:
        model: as declared.
        format: that is served.
        version: whose files they are.
        files: keys are ``<model>/<version>/<path>``.
    """
    patterns = looked_for(model.server, format)
    names = [file.key.split("/", 2)[2] for file in files]
    found = [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
    if not patterns or (model.server == "mlserver" and _OWN_SETTINGS in names):
        return []
    folder, wanted = shown(join(model.source, str(version))), " or ".join(patterns)
    if not found:
        has = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        return [Finding(("source",), f"{folder} holds no {wanted}, which {model.server} looks for; it has {has}")]
    if model.server in _ONE_ALONE and len(found) > 1:
        return [
            Finding(
                ("source",),
                f"{folder} holds {' and '.join(found)}, and {model.server} reads one {wanted}; keep one",
            )
        ]
    if model.server == "torchserve" and len(names) > 1:
        beside = next(name for name in names if name not in found)
        return [
            Finding(("source",), f"{folder} holds {beside} beside {found[0]}; TorchServe reads the archive, so move it")
        ]
    return []


def read_archives(model: Model, files: Sequence[RepositoryFile], problems: list[Finding]) -> Mapping[str, ModelArchive]:
    """TorchServe's archives among the files, by key, read and checked.

    Args:
        model: as declared.
        files: of the versions that are served; keys are ``<model>/<version>/<path>``.
        problems: gets what is wrong with any of them.
    """
    from ..repository.model_archive import NoArchive, faults, read_archive

    archives: dict[str, ModelArchive] = {}
    for file in files:
        _, version, name = file.key.split("/", 2)
        at = shown(join(model.source, version, name))
        try:
            archive = read_archive(Path(file.path or ""))
        except NoArchive as error:
            problems.append(Finding(("source",), f"{at} {error}"))
            continue
        # KServe's TorchServe is told of each archive that it is version <version>.0.
        fixed = model.runtime == "kserve" or archive.version is None
        wanted = f"{version}.0" if fixed else archive.version
        found = faults(archive, model=model.name, model_version=wanted or "", given=dict(_declared(model)))
        problems += [Finding(("source",), f"{at} {fault}") for fault in found]
        archives[file.key] = archive
    return archives


def _declared(model: Model) -> Iterator[tuple[str, int]]:
    """Settings that the user wrote, which the archive's own would overrule."""
    told = model.torchserve
    for name in told.model_fields_set if told is not None else ():
        value = getattr(told, name)
        if isinstance(value, int):
            yield name, value
