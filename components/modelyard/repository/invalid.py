"""What is wrong with a model repository."""

from __future__ import annotations

from collections.abc import Sequence

from ..environment.problem import Problem


class InvalidRepository(Exception):
    """All problems of a repository at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
