"""A whole environment: the platform and its departments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .department import Department
from .model import Model
from .platform import Platform


@dataclass(frozen=True, slots=True)
class Environment:
    """What ``stacks/<name>/`` declares, read and checked (:func:`modelyard.environment.load.load`)."""

    platform: Platform
    departments: tuple[Department, ...]
    folder: Path
    """Folder that relative sources refer to."""

    @property
    def name(self) -> str:
        return self.platform.environment

    def department(self, name: str) -> Department | None:
        return next((d for d in self.departments if d.department == name), None)

    def models(self) -> list[tuple[Department, Model]]:
        return [(d, m) for d in self.departments for m in d.models]
