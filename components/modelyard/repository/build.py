"""From what is declared to the whole repository. Pure."""

from __future__ import annotations

from ..sizing.settings import Settings
from .repository import Repository
from .source import Declared


def build(declared: Declared, *, version: int | None, release: str, settings: Settings | None = None) -> Repository:
    """The repository that the server gets.

    Args:
        declared: of :func:`modelyard.repository.load.read`.
        version: the version of the named model that the environment serves; None: as its version_policy says.
        release: of Triton, such as ``26.07``; what a backend offers depends on it.
        settings: what sizing decided. It fills what is not declared.

    Raises:
        InvalidRepository: the declarations cannot become a configuration; holds all problems.
    """
    raise NotImplementedError
