"""Reading an environment from its folder, with every mistake of every file told at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from ..catalog.spelling import nearest
from .account import read_account
from .coherence import broken_rules
from .credential import credential
from .declaration import Declaration
from .department import Department
from .environment import Environment, shown_path
from .messages import REFERENCE, meant_steps, named, sentence, steps_of
from .model import secret_in_variable
from .platform import Platform
from .problem import InvalidEnvironment, Problem
from .references import DeclaredFile, wrong_references
from .source_map import SourceMap
from .yaml_document import Steps, UnreadableFile, YamlDocument, read

Declared = TypeVar("Declared", bound=Declaration)


def load(folder: Path | str) -> Environment:
    """Read ``platform.yaml`` and ``departments/*.yaml`` of an environment's folder.

    Args:
        folder: for example ``stacks/prod``. Its name is the environment's.

    Raises:
        InvalidEnvironment: anything is wrong; holds all problems of all files, in the order of files and lines, each
            with its file relative to the folder's parent. No problem shows a value that may be a secret.
    """
    return _Loading(Path(os.path.abspath(folder))).environment()


def environments(folder: Path | str) -> list[str]:
    """Names of the environments in a folder such as ``stacks``: the sub-folders that hold a ``platform.yaml``."""
    try:
        return sorted(entry.name for entry in Path(folder).iterdir() if (entry / "platform.yaml").is_file())
    except OSError:
        return []


class _Loading:
    """One run of :func:`load`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: dict[str, Path] = {}
        self._sources = SourceMap(self._paths)
        self._problems: list[Problem] = []
        self._misnamed_already: set[tuple[str, Steps]] = set()
        """Where a name is wrong whatever its letters; its letters are then passed over."""

    def environment(self) -> Environment:
        self._refuse_missing_folder()
        platform_data = self._read("platform.yaml")
        files = self._department_files()
        read_files = [(stem, file, self._read(inside)) for stem, inside, file in files]
        departments = [DeclaredFile(file, stem, data) for stem, file, data in read_files if data is not None]
        platform_file = f"{self._folder.name}/platform.yaml"
        platform = DeclaredFile(platform_file, "platform", platform_data) if platform_data is not None else None

        stems = [stem for stem, _, _ in files]
        references = list(wrong_references(self._folder.name, platform, departments, stems))
        self._misnamed_already = {(file, steps) for file, steps, _ in references if steps[-1:] != ("name",)}
        declared_platform = self._validated(Platform, platform) if platform else None
        declared = [self._validated(Department, department) for department in departments]
        for file, steps, message in references:
            data = next(each.data for each in (*departments, *([platform] if platform else [])) if each.file == file)
            self._add(file, steps, message + named(data, steps))
        account, unreadable = read_account(self._folder)
        self._problems += unreadable
        if self._problems or declared_platform is None:
            raise InvalidEnvironment(self._in_order([platform_file, *(file for _, _, file in files)]))
        return Environment(
            declared_platform,
            tuple(each for each in declared if each is not None),
            self._folder,
            self._sources,
            account,
        )

    def _refuse_missing_folder(self) -> None:
        name = self._folder.name
        if self._folder.is_dir():
            return
        known = environments(self._folder.parent)
        closest = nearest(name, known)
        hint = f"; did you mean {closest!r}?" if closest else ""
        listed = f" Environments here: {', '.join(known)}" if known else "; there is no environment beside it either"
        if known and not closest:
            listed = "." + listed
        what = "is a file, and an environment is a folder" if self._folder.exists() else "there is no such environment"
        raise InvalidEnvironment([Problem(name or str(self._folder), "", f"{what}{hint}{listed}")])

    def _department_files(self) -> list[tuple[str, str, str]]:
        """Stem, path inside the folder, and the name in errors, of each department's file."""
        folder = self._folder / "departments"
        if not folder.exists():
            if folder.is_symlink():
                self._add(f"{self._folder.name}/departments", (), "is a link that leads nowhere; mend or delete it")
            return []
        try:
            entries = sorted(folder.iterdir())
        except NotADirectoryError:
            self._add(
                f"{self._folder.name}/departments",
                (),
                "is not a folder; it must hold one file for each department",
            )
            return []
        except OSError as error:
            reason = (error.strerror or "unknown error").lower()
            self._add(f"{self._folder.name}/departments", (), f"cannot be read: {reason}")
            return []
        found: list[tuple[str, str, str]] = []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            file = f"{self._folder.name}/departments/{entry.name}"
            kind = credential(entry.name)
            if kind:
                self._add(
                    f"{self._folder.name}/departments/[hidden]", (), f"the file's name looks like {kind}; rename it"
                )
                continue
            if entry.suffix == ".yaml":
                found.append((entry.stem, f"departments/{entry.name}", file))
            elif entry.suffix.lower() in (".yml", ".yaml", ".json"):
                self._add(file, (), f"is not read; rename it to {entry.stem}.yaml")
        return found

    def _read(self, inside: str) -> dict[str, Any] | None:
        file = f"{self._folder.name}/{inside}"
        self._paths[file] = self._folder / inside
        try:
            document = read(self._folder / inside)
        except UnreadableFile as error:
            hint = self._misnamed(inside) if not (self._folder / inside).exists() else ""
            self._problems.append(Problem(file, "", error.message + hint, error.line))
            return None
        if document.repeated:
            self._add_repeated(file, self._folder / inside)
        if not isinstance(document.data, dict):
            kind = "a list" if isinstance(document.data, list) else "a single value"
            self._add(file, (), f"holds {kind}; it must hold a mapping of keys to values")
            return None
        return document.data

    def _misnamed(self, inside: str) -> str:
        if inside != "platform.yaml":
            return ""
        close = {"platform.yml", "platform.json", "Platform.yaml", "platform.yaml.txt", "environment.yaml"}
        present = sorted(entry.name for entry in self._folder.iterdir() if entry.name in close)
        if present:
            return f", or rename {present[0]} to {inside}"
        known = environments(self._folder.parent)
        return f", or name another environment: {', '.join(known)}" if known else ""

    def _add_repeated(self, file: str, path: Path) -> None:
        document: YamlDocument = read(path, lines=True)
        for steps, line, message in document.repeated:
            self._problems.append(Problem(file, shown_path(steps), message + named(document.data, steps), line))

    def _validated(self, declaration: type[Declared], source: DeclaredFile) -> Declared | None:
        """The declaration, or None after its problems were added."""
        secrets = dict(_secrets(source.data, ()))
        for steps, message in secrets.items():
            self._add(source.file, steps, message + named(source.data, steps))
        try:
            return declaration.model_validate(source.data)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
        homes = _homes(source.data)
        meant = {steps for error in errors if (steps := meant_steps(error, declaration))}
        told: set[tuple[Steps, str]] = set()
        for error in errors:
            steps = steps_of(error)
            if error["type"] == "secret_in_env" or any(steps[: len(known)] == known for known in secrets):
                continue
            if error["type"].startswith("string_") and (source.file, steps) in self._misnamed_already:
                continue
            if error["type"] == "missing" and steps in meant:
                continue
            home = _home(steps, source.data, homes)
            told.add((home, sentence(error, declaration, self._sources.spelled(source.file, home))))
        sentences = {message for _, message in told}
        told.update(
            (_home(steps, source.data, homes), message)
            for steps, message in broken_rules(declaration, source.data)
            if message not in sentences and not any(steps[: len(known)] == known for known in secrets)
        )
        for steps, message in told:
            self._add(source.file, steps, message + named(source.data, steps))
        return None

    def _add(self, file: str, steps: Steps, message: str) -> None:
        line = self._sources.line(file, steps) if steps else None
        self._problems.append(Problem(file, shown_path(steps), message, line))

    def _in_order(self, files: list[str]) -> list[Problem]:
        order = {file: position for position, file in enumerate(files)}
        return sorted(
            dict.fromkeys(self._problems),
            key=lambda problem: (
                order.get(problem.file, len(files)),
                problem.file,
                problem.line or 0,
                problem.path,
                problem.message,
            ),
        )


def _homes(data: Any) -> dict[int, Steps]:
    """Where each mapping and list is written: of one that aliases (*) repeat, the place of its anchor (&)."""
    found: dict[int, Steps] = {}
    pending: list[tuple[Any, Steps]] = [(data, ())]
    while pending:
        value, steps = pending.pop()
        if isinstance(value, dict | list) and id(value) not in found:
            found[id(value)] = steps
            items = value.items() if isinstance(value, dict) else enumerate(value)
            pending.extend(reversed([(inner, (*steps, key)) for key, inner in items]))
    return found


def _home(steps: Steps, data: Any, homes: dict[int, Steps]) -> Steps:
    """The steps to the same value by the place where it is written, so that a mistake in it is told once."""
    at: Any = data
    own: Steps = ()
    for step in steps:
        if isinstance(at, dict):
            at = at.get(step)
        else:
            at = at[step] if isinstance(at, list) and isinstance(step, int) and step < len(at) else None
        own = homes.get(id(at), (*own, step)) if isinstance(at, dict | list) else (*own, step)
    return own


def _secrets(data: Any, steps: Steps) -> Iterator[tuple[Steps, str]]:
    """Where a credential is written, or a plain value stands for a secret, and the sentence about it."""
    pending: list[tuple[Any, Steps]] = [(data, steps)]
    while pending:
        value, at = pending.pop()
        if isinstance(value, dict):
            in_env = bool(at) and at[-1] == "env" and len(at) > 1
            for key, inner in value.items():
                if credential(key):
                    yield (*at, key), "the key looks like a credential; delete it here and revoke it"
                elif in_env and isinstance(inner, str):
                    message = secret_in_variable(key, inner)
                    if message:
                        yield (*at, key), message
                elif isinstance(inner, str):
                    yield from _secret_text(inner, (*at, key))
                elif inner is not None:
                    pending.append((inner, (*at, key)))
        elif isinstance(value, list):
            for position, inner in enumerate(value):
                if isinstance(inner, str):
                    yield from _secret_text(inner, (*at, position))
                else:
                    pending.append((inner, (*at, position)))


def _secret_text(text: str, steps: Steps) -> Iterator[tuple[Steps, str]]:
    kind = credential(text, guess=steps[-1] != "aws_secrets_manager")
    if kind:
        yield (
            steps,
            (
                f"the value looks like {kind}; delete it here, revoke it, and where a secret belongs write a "
                f"reference: {REFERENCE}"
            ),
        )
