"""Running a program's own code, as Pulumi's Python language host does."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType


def entry_point(program: Callable[[], None] | Path) -> Callable[[], None]:
    """A function that runs the program. A path is a folder with a ``__main__.py``, or a Python file.

    Raises FileNotFoundError for a path that is neither.
    """
    if not isinstance(program, Path):
        return program
    path = program.resolve()
    if path.is_dir():
        if not (path / "__main__.py").is_file():
            raise FileNotFoundError(f"{program}: no __main__.py in this folder; a Pulumi program needs one")
    elif not path.is_file():
        raise FileNotFoundError(f"{program}: no such Pulumi program; give a folder with __main__.py or a file")

    def run() -> None:
        runpy.run_path(str(path), run_name="__main__")

    return run


@contextmanager
def surroundings(program: Callable[[], None] | Path) -> Iterator[None]:
    """The working directory, ``sys.argv`` and ``sys.path`` that the program expects; put back afterwards.

    Modules that the program imported from its own folder are forgotten, so that the next program may have
    modules of the same names.
    """
    if not isinstance(program, Path):
        yield
        return
    path = program.resolve()
    home = path if path.is_dir() else path.parent
    directory, argv, search, modules = os.getcwd(), sys.argv, list(sys.path), set(sys.modules)
    os.chdir(home)
    sys.argv = [str(path)]
    try:
        yield
    finally:
        os.chdir(directory)
        sys.argv = argv
        sys.path[:] = search
        for name in set(sys.modules) - modules:
            origin = getattr(sys.modules[name], "__file__", None)
            if origin and Path(origin).is_relative_to(home):
                del sys.modules[name]


def program_frames(error: BaseException) -> TracebackType | None:
    """The error's traceback from the first frame of the program on: no frames of the engine, SDK or runpy."""
    trace = error.__traceback__
    while trace is not None and _is_machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace if trace is not None else error.__traceback__


def _is_machinery(filename: str) -> bool:
    own = str(Path(__file__).parent)
    sdk = os.path.dirname(sys.modules["pulumi"].__file__ or "")
    standard = os.path.dirname(runpy.__file__)
    if filename.startswith(("<frozen runpy", own, sdk)):
        return True
    return os.path.dirname(filename) in (standard, os.path.join(standard, "asyncio"))
