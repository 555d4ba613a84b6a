"""A repository served on this machine: what it needs is installed, what it lacks is substituted, and it starts."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..repository.repository import Repository
from ..serving.triton.demands import server_options
from .packages import CannotInstall, OnProgress
from .result import ServedBy
from .server import START_SECONDS, Ports, RunningServer, serve
from .server_home import ServerHome, model_environment, server_home
from .substitution import TrialRepository


@dataclass(frozen=True, slots=True)
class LocalServer:
    """All that is needed to serve a repository here."""

    home: ServerHome
    trial: TrialRepository
    interpreters: Mapping[str, Path]
    """Of the models that have packages of their own."""
    served_by: tuple[ServedBy, ...]
    """The substitutes, with their versions."""

    def serving(self, repository: Repository) -> LocalServer:
        """The same with another repository of the same models."""
        return replace(self, trial=replace(self.trial, repository=repository))


def installed(trial: TrialRepository, cache: Path | None = None, on_progress: OnProgress | None = None) -> LocalServer:
    """Everything, installed below ``cache`` where it is not there yet.

    Raises:
        CannotInstall: the server, or a package that a model needs, cannot be had.
    """
    home = server_home(cache, on_progress)
    interpreters: dict[str, Path] = {}
    for model, needs in trial.requirements.items():
        try:
            interpreters[model] = model_environment(needs, cache, on_progress)
        except CannotInstall as error:
            raise CannotInstall(f"model {model!r}: {error}") from error
    served_by = tuple(
        ServedBy(each, _version(interpreters[each.model], each.engine.package)) for each in trial.substitutes
    )
    return LocalServer(home, trial, interpreters, served_by)


@contextmanager
def started(
    local: LocalServer,
    *,
    ports: Ports = Ports(),  # noqa: B008
    start_seconds: float = START_SECONDS,
    log: Path | None = None,
    variables: Mapping[str, str] | None = None,
    on_wait: Callable[[float], None] | None = None,
) -> Iterator[RunningServer]:
    """The server, ready; arguments and errors are those of :func:`.server.serve`."""
    with tempfile.TemporaryDirectory(prefix="modelyard-repository-", ignore_cleanup_errors=True) as folder:
        lay_out(local.trial.repository, Path(folder))
        with serve(
            local.home,
            Path(folder),
            ports=ports,
            start_seconds=start_seconds,
            log=log,
            extra_arguments=server_options(local.trial.repository).arguments(),
            interpreters=local.interpreters,
            variables=variables,
            on_wait=on_wait,
            orphans=(Path(folder),),
        ) as running:
            yield running


def lay_out(repository: Repository, folder: Path) -> None:
    """The repository's files in a folder: generated text is written, files of this machine are linked."""
    for file in repository.files:
        target = folder / file.key
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.path is None:
            target.write_text(file.text or "", encoding="utf-8")
        else:
            target.symlink_to(file.path)


def _version(python: Path, package: str) -> str:
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    done = subprocess.run([str(python), "-I", "-c", ask], capture_output=True, text=True, timeout=60)
    return done.stdout.strip() or "of an unknown version"
