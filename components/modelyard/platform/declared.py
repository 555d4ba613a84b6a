"""An environment's declarations, read and resolved once while their files stay as they are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..environment.load import load
from ..resolve.environment import resolve
from ..resolve.resolved import Resolution


def declared(folder: Path) -> Resolution:
    """Load and resolve ``folder``. The layers of one plan run in one process and share the result.

    Raises:
        InvalidEnvironment: with every mistake.
    """
    return _declared(folder.resolve(), _state(folder))


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted([*folder.glob("*.yaml"), *folder.glob("departments/*.yaml")])
    return tuple((str(file), (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files)


@lru_cache(maxsize=4)
def _declared(folder: Path, state: tuple[tuple[str, int, int], ...]) -> Resolution:
    resolution = resolve(load(folder), compare_declared=False)
    if resolution.endpoints:
        from .endpoint_checks import check_endpoints

        check_endpoints(resolution)
    return resolution
