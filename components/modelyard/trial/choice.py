"""Which model is meant: one of an environment, or a folder by itself."""

from __future__ import annotations

import os
from pathlib import Path

from ..catalog import UnknownName, runtimes, triton_releases
from ..environment.environment import Environment
from ..environment.known_name import unknown
from ..repository.build import build
from ..repository.checks import check
from ..repository.invalid import InvalidRepository
from ..repository.load import CONFIGURATION, DECLARATION, read
from ..resolve.environment import resolve
from ..resolve.resolved import ResolvedEndpoint, ResolvedModel
from ..resolve.source import repository_folder
from ..sizing import profile
from . import golden
from .subject import Promise, Subject


class NoSuchModel(Exception):
    """Nothing to try is called so. ``str()`` says what there is."""


def is_folder(given: str) -> bool:
    """Whether MODEL names a folder rather than a model of an environment."""
    return os.sep in given or given in (".", "..")


def of_folder(folder: Path, release: str | None = None) -> Subject:
    """A folder with model.yaml, or with config.pbtxt and version folders.

    The model is called as the folder is; ``release`` defaults to the newest that is known.

    Raises:
        NoSuchModel: no such folder, it holds neither file, or there is no such release.
        InvalidRepository: all problems of its files.
    """
    where = Path(os.path.abspath(folder))
    if not where.is_dir():
        raise NoSuchModel(f"{folder}: {'is a file' if where.exists() else 'there is no such folder'}; name a folder "
                          f"with a {DECLARATION}, or a model of an environment")  # fmt: skip
    if not any((where / name).is_file() for name in (DECLARATION, CONFIGURATION)):
        raise NoSuchModel(f"{folder}: holds neither {DECLARATION} nor {CONFIGURATION}; name a folder that does")
    known = _release(release)
    repository = build(read(where, where.name, boundary=repository_folder(where)), version=None, release=known)
    problems = check(repository, release=known)
    if problems:
        raise InvalidRepository(problems)
    return Subject(
        name=where.name,
        repository=repository,
        release=known,
        folder=where,
        golden_path=_beside(where, golden.FILE_NAME),
        profile_path=_beside(where, profile.FILE_NAME),
    )


def of_environment(environment: Environment, name: str) -> Subject:
    """A model of an environment, as that would deploy it.

    Raises:
        NoSuchModel: the environment has no such model, or its files are elsewhere.
        InvalidEnvironment: all problems of the environment.
    """
    served = served_model(environment, name)
    found, artefact = served.declared, served.stable
    if artefact.repository is None and artefact.url is None:
        raise NoSuchModel(
            f"model {name!r} is served by {found.server}, and a trial of an environment's model runs Triton; modelyard "
            "try <folder> --runtime <name> asks another server for an answer"
        )
    if artefact.repository is None:
        raise NoSuchModel(
            f"model {name!r}: its files are at {artefact.url}; bring them here and name their folder, or try a server "
            "that has them with --server and a folder that declares it"
        )
    folder = Path(os.path.abspath(environment.folder / found.source))
    objective, promise = found.objective, None
    if objective is not None:
        replicas = _replicas(served)
        promise = Promise(objective.p99_ms, objective.requests_per_second / replicas, replicas)
    plain = {key: value for key, value in found.env.items() if isinstance(value, str)}
    return Subject(
        name=name,
        repository=artefact.repository,
        release=served.release,
        folder=folder,
        promise=promise,
        environment=environment.name,
        golden_path=_beside(folder, golden.FILE_NAME),
        profile_path=_beside(folder, profile.FILE_NAME),
        variables=plain,
        left_out=tuple(sorted(set(found.env) - set(plain))),
    )


def served_model(environment: Environment, name: str) -> ResolvedModel | ResolvedEndpoint:
    """A model of an environment where it is served first: on a cluster, or in a region of a managed service.

    Raises:
        NoSuchModel: the environment has no such model.
        InvalidEnvironment: all problems of the environment.
    """
    known = [model.name for _, model in environment.models()]
    if name not in known:
        raise NoSuchModel(unknown(f"a model of the environment {environment.name}", name, known))
    resolution = resolve(environment)
    return next(each for each in (*resolution.models, *resolution.endpoints) if each.declared.name == name)


def _replicas(served: ResolvedModel | ResolvedEndpoint) -> int:
    """That share the model's rate."""
    if served.sizing:
        return served.sizing.replicas
    return served.declared.scaling.min_replicas or 1 if isinstance(served, ResolvedEndpoint) else served.min_replicas


def _beside(folder: Path, name: str) -> Path | None:
    path = folder / name
    return path if path.is_file() else None


def _release(given: str | None) -> str:
    if given is None:
        return runtimes.get("triton").release
    try:
        return triton_releases.get(given).release
    except UnknownName as error:
        raise NoSuchModel(f"--release {given}: {error}") from error
