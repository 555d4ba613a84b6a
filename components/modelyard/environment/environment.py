"""A whole environment: the platform and its departments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .account import Account
from .credential import credential, shown
from .department import Department
from .known_name import unknown
from .model import Model
from .platform import Platform
from .problem import Problem
from .source_map import SourceMap
from .yaml_document import Steps

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_./-]{1,80}")


@dataclass(frozen=True)
class Environment:
    """What ``stacks/<name>/`` declares, read and checked (:func:`modelyard.environment.load.load`)."""

    platform: Platform
    departments: tuple[Department, ...]
    folder: Path
    """Folder that relative sources refer to."""
    sources: SourceMap | None = field(default=None, compare=False, repr=False)
    """Where each declaration is written; None for an environment that no file declared."""
    account: Account = field(default_factory=Account, compare=False, repr=False)
    """What the clouds told its accounts that they may run."""

    @property
    def name(self) -> str:
        return self.platform.environment

    def department(self, name: str) -> Department | None:
        return self._departments.get(name)

    def models(self) -> list[tuple[Department, Model]]:
        return [(d, m) for d in self.departments for m in d.models]

    def problem(self, department: str | None, steps: Steps, message: str) -> Problem:
        """A mistake at ``steps`` of a department's file, or of ``platform.yaml`` for None, with its line."""
        inside = "platform.yaml" if department is None else f"departments/{department}.yaml"
        file = f"{self.folder.name}/{inside}"
        line = self.sources.line(file, steps) if self.sources else None
        return Problem(file, shown_path(steps), message, line)

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {department.department: department for department in self.departments}


def shown_path(steps: Steps) -> str:
    """``("clusters", 0, "name")`` as ``clusters[0].name``. A key that looks like a credential is hidden."""
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            key = step if _PLAIN_KEY.fullmatch(step) and not credential(step) else shown(step)
            path += f".{key}" if path else key
    return path


def unknown_department(environment: Environment, name: str) -> Problem:
    """The problem of a stack, or whatever else, that names a department without a file."""
    known = [department.department for department in environment.departments]
    sentence = unknown(f"a department of the environment {environment.name}", name, known)
    return Problem(
        f"{environment.folder.name}/departments/{name}.yaml",
        "",
        f"{sentence}; declare it in this file, or name another",
    )
