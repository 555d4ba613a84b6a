"""What is tried: a model's repository as it would be deployed, and what is promised of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..repository.repository import Repository

REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True, slots=True)
class Promise:
    """The objective of one replica."""

    p99_ms: float
    requests_per_second: float
    """Of one replica: its share of the model's rate."""
    replicas: int = 1
    """That share the model's rate."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One model to try."""

    name: str
    repository: Repository
    """Exactly as it would be deployed."""
    release: str
    """Of Triton that would be deployed, such as 26.07."""
    folder: Path
    """The model's source; profile.json is written here."""
    promise: Promise | None = None
    environment: str | None = None
    """Name of the environment that the model is of; None: a folder by itself."""
    golden_path: Path | None = None
    profile_path: Path | None = None
    """Of the profile that is there; None: there is none."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of the server's container, without secrets."""
    left_out: tuple[str, ...] = ()
    """Names of environment variables that are secrets: nobody knows their values here."""
    notices: tuple[str, ...] = ()


class UnfitRequirements(Exception):
    """A requirements.txt that cannot be installed by itself. ``str()`` names the file and the line."""


def requirements(subject: Subject) -> dict[str, tuple[str, ...]]:
    """What the Python models need: lines of requirements.txt in the model's own folder, else beside model.yaml.

    Raises:
        UnfitRequirements: a line names another file, or the file is no text.
    """
    found: dict[str, tuple[str, ...]] = {}
    for model in subject.repository.models:
        if model.config.backend != "python":
            continue
        files = (file for file in model.files if file.path and file.key.split("/")[2:] == ["model.py"])
        folders = [*(Path(file.path).parent.parent for file in files if file.path), subject.folder]
        listed = next((folder / REQUIREMENTS for folder in folders if (folder / REQUIREMENTS).is_file()), None)
        if listed is not None:
            found[model.name] = _lines(listed)
    return found


def _lines(file: Path) -> tuple[str, ...]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitRequirements(f"{file}: cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        first = line.split(maxsplit=1)[0] if line else ""
        if first.startswith(("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/")):
            raise UnfitRequirements(
                f"{file}:{number}: {line!r} names another file or folder; an environment is made of this file alone: "
                "write the packages here"
            )
    return tuple(line for line in lines if line and not line.startswith("#"))
