"""What is wrong with a declaration, said to the person who wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``str()`` is the one line that people see."""

    file: str
    path: str
    """For example ``clusters[0].gpu_pools[1].accelerator``; empty for the whole file."""
    message: str
    """Includes the value unless it may be a secret, what is allowed, and the nearest match."""
    line: int | None = None

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class InvalidEnvironment(Exception):
    """All problems of an environment at once, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
