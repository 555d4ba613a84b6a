"""What the command says to whoever called it, where that can fail."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

from ..review.atomic_file import CannotWrite


def prepare_streams() -> None:
    """Make all three streams usable.

    A caller may have closed one (``>&-``): then nobody listens, and its number must not be given to the next file
    that is opened. A letter that the terminal's alphabet lacks is written as its code.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def told() -> Iterator[None]:
    """Raises CannotWrite for output that cannot be written, and BrokenPipeError for a reader who left."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        leave()
        reason = (error.strerror or "unknown error").lower()
        raise CannotWrite(f"standard output cannot be written: {reason}") from error


def leave() -> None:
    """Nobody takes our output any more: keep the interpreter from complaining about it at exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
