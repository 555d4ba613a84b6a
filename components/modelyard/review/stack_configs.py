"""What is wrong with the stack files themselves, said as of every other file: file, line, key, value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..environment.credential import credential, names_secret, shown
from ..environment.yaml_document import Steps, UnreadableFile, YamlDocument, read

_SECRET = "set it with 'pulumi config set --secret', which encrypts it"


class StackConfigs:
    """The files ``Pulumi.<stack>.yaml`` of a folder, read as YAML before Pulumi's own reading of them.

    No problem shows a value that may be a secret.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []

    def path(self, stack: str) -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def readable(self) -> Iterator[Path]:
        """The files that hold a mapping, in the order of their names; of the others a problem is noted."""
        for path in sorted(self.folder.glob("Pulumi.*.yaml")):
            if not self.broken(path):
                yield path

    def broken(self, path: Path) -> bool:
        """Whether the file is no mapping of distinct keys; the problem is noted."""
        before = len(self.problems)
        try:
            document = read(path)
            if document.repeated:
                document = read(path, lines=True)
        except UnreadableFile as error:
            self.problems.append(f"{path}:{error.line}: {error.message}" if error.line else f"{path}: {error.message}")
            return True
        if not isinstance(document.data, dict):
            kind = "a list" if isinstance(document.data, list) else "a single value"
            self.problems.append(f"{path}: holds {kind}; it must hold a mapping of keys to values")
        for steps, line, message in document.repeated:
            self.problems.append(f"{path}:{line}: {_key(steps)}: {message}")
        return len(self.problems) > before

    def refuse_plain_secrets(self, path: Path) -> None:
        """Note every value of the configuration that should be encrypted and is not."""
        config = read(path).data.get("config")
        for steps, value in _scalars(config if isinstance(config, dict) else {}, ()):
            if any(isinstance(step, str) and credential(step, guess=False) for step in steps):
                self._add(path, steps, "the key looks like a credential; delete it here and revoke it")
                continue
            name = str(steps[-1])
            if name == "secure":
                if not isinstance(value, str) or len(_at(config, steps[:-1])) > 1:
                    self._add(path, steps, f"is not what Pulumi writes for an encrypted value; {_SECRET}")
                continue
            kind = credential(value) if isinstance(value, str) else None
            if kind:
                self._add(path, steps, f"the value looks like {kind} and is not encrypted; revoke it, and {_SECRET}")
            elif isinstance(value, str | int) and not isinstance(value, bool) and names_secret(name.rpartition(":")[2]):
                self._add(path, steps, f"the value is secret, as its name says, and is not encrypted; {_SECRET}")

    def add(self, path: Path, key: str, message: str) -> None:
        self.problems.append(self.told(path, key, message))

    def told(self, path: Path, key: str, message: str) -> str:
        """The problem of one key of a file's configuration, with its line."""
        line = self._line(path, ("config", key))
        return f"{path}{f':{line}' if line else ''}: {key}: {message}"

    def _add(self, path: Path, steps: Steps, message: str) -> None:
        line = self._line(path, ("config", *steps))
        self.problems.append(f"{path}{f':{line}' if line else ''}: {_key(steps)}: {message}")

    def _line(self, path: Path, steps: Steps) -> int | None:
        document: YamlDocument = read(path, lines=True)
        return document.lines.get(steps)


def _scalars(data: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    """Every value that is neither a mapping nor a list; a list below ``secure`` counts as one."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list) and key != "secure":
            yield from _scalars(value, (*steps, key))
        else:
            yield (*steps, key), value


def _at(data: Any, steps: Steps) -> Any:
    for step in steps:
        data = data[step]
    return data


def _key(steps: Steps) -> str:
    """Configuration keys hold colons, so that steps are told as Pulumi's own paths: ``modelyard:receivers[0].url``."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            text = shown(step)[1:-1] if not credential(step) else "[hidden]"
            path += f".{text}" if path else text
    return path
