"""A stack as its files say: ``Pulumi.yaml`` and ``Pulumi.<stack>.yaml``, read without the Pulumi CLI.

Follows https://www.pulumi.com/docs/iac/concepts/projects/project-file/ and .../stack-settings-file/.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from modelyard.graph import UNKNOWN, Secret


class StackFileError(ValueError):
    """A project or stack file that is missing or not what Pulumi expects. The text names the file and the key."""


@dataclass(frozen=True, slots=True)
class StackFile:
    """What a run needs to know of a stack."""

    project: str
    stack: str
    """The stack's own name, without organization and project."""
    organization: str
    main: Path
    """Folder (or file) of the program."""
    config: dict[str, str | Secret] = field(default_factory=dict)
    """By full key, as a program sees it: nested values as JSON text, encrypted ones ``Secret(UNKNOWN)``."""


def load_stack(project_dir: Path, stack: str) -> StackFile:
    """Read the project in ``project_dir`` and its stack, given as ``[organization/[project/]]stack``.

    A stack without a file of its own has the project's default configuration only, as with the Pulumi CLI.
    Encrypted values are never decrypted. Raises StackFileError.
    """
    project_path = _project_path(project_dir)
    project = _mapping(project_path)
    name = project.get("name")
    if not isinstance(name, str) or not name:
        raise StackFileError(f"{project_path}: name: missing; a Pulumi project needs a name")
    parts = stack.split("/")
    organization = parts[0] if len(parts) > 1 else "organization"
    short = parts[-1]
    if not short or len(parts) > 3 or (len(parts) == 3 and parts[1] != name):
        raise StackFileError(
            f"{stack!r} is not a stack of project {name!r}; give STACK, ORGANIZATION/STACK or ORGANIZATION/{name}/STACK"
        )
    config = _project_config(project_path, project, name)
    folder = project_dir / (_text(project_path, project, "stackConfigDir") or ".")
    config |= _stack_config(folder, short, name, bool(config))
    main = project_dir / (_text(project_path, project, "main") or ".")
    if not main.exists():
        raise StackFileError(f"{project_path}: main: {main} does not exist; name the folder of the program")
    return StackFile(name, short, organization, main, config)


def _project_path(project_dir: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.yml"):
        if (project_dir / name).is_file():
            return project_dir / name
    raise StackFileError(f"{project_dir}: no Pulumi.yaml here; run in the folder of a Pulumi project")


def _stack_config(folder: Path, stack: str, project: str, has_defaults: bool) -> dict[str, str | Secret]:
    path = folder / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        known = sorted(p.name[len("Pulumi.") : -len(".yaml")] for p in folder.glob("Pulumi.*.yaml"))
        if has_defaults or not known:
            return {}
        close = difflib.get_close_matches(stack, known, 1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise StackFileError(f"{path}: no such stack file{hint} (stacks here: {', '.join(known)})")
    settings = _mapping(path)
    entries = settings.get("config") or {}
    if not isinstance(entries, Mapping):
        raise StackFileError(f"{path}: config: expected a mapping of keys to values, got {_kind(entries)}")
    return {_full_key(path, str(key), project): _value(value) for key, value in entries.items()}


def _project_config(path: Path, project: Mapping[str, Any], name: str) -> dict[str, str | Secret]:
    """Defaults that the project file gives: ``config: {key: value}`` or ``config: {key: {value: ...}}``."""
    entries = project.get("config") or {}
    if isinstance(entries, str):
        return {}
    if not isinstance(entries, Mapping):
        raise StackFileError(f"{path}: config: expected a mapping of keys to values, got {_kind(entries)}")
    config: dict[str, str | Secret] = {}
    for key, entry in entries.items():
        value = entry
        if isinstance(entry, Mapping):
            value = entry["value"] if "value" in entry else entry.get("default")
        if value is not None:
            config[_full_key(path, str(key), name)] = _value(value)
    return config


def _full_key(path: Path, key: str, project: str) -> str:
    parts = key.split(":")
    if len(parts) == 1:
        return f"{project}:{key}"
    if len(parts) == 3 and parts[1] == "config":
        return f"{parts[0]}:{parts[2]}"
    if len(parts) == 2 and all(parts):
        return key
    raise StackFileError(f"{path}: config.{key}: a key is NAME or NAMESPACE:NAME")


def _value(value: Any) -> str | Secret:
    """A configuration value as text; one that is or holds an encrypted value is an unknown secret."""
    if _holds_secret(value):
        return Secret(UNKNOWN)
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), default=str)


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Mapping):
        if set(value) == {"secure"} and isinstance(value["secure"], str):
            return True
        return any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise StackFileError(f"{path}{where}: {problem}") from None
    except UnicodeDecodeError:
        raise StackFileError(f"{path}: not UTF-8 text") from None
    if content is None:
        content = {}
    if not isinstance(content, Mapping):
        raise StackFileError(f"{path}: expected a mapping, got {_kind(content)}")
    return content


def _text(path: Path, project: Mapping[str, Any], key: str) -> str | None:
    value = project.get(key)
    if value is None or isinstance(value, str):
        return value
    raise StackFileError(f"{path}: {key}: expected a path, got {_kind(value)}")


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else type(value).__name__


class _Loader(yaml.SafeLoader):
    """YAML as the Pulumi CLI reads it: dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
