"""The documents that a command was asked for: each goes into a file, or one of them to standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from ..review.atomic_file import CannotWrite, check_writable, write_all
from .standard_output import leave, told

_STANDARD_OUTPUT = "-"


def asked_documents(options: Mapping[str, str | None]) -> dict[str, str]:
    """Option to what follows it, of the options that were given; checked before any work.

    Raises:
        CannotWrite: two options name one place, or a file could never be written.
    """
    asked = {option: file for option, file in options.items() if file is not None}
    seen: dict[str, str] = {}
    for option, file in asked.items():
        key = file if file == _STANDARD_OUTPUT else os.path.realpath(file)
        if key in seen:
            raise CannotWrite(f"{option} {file}: {seen[key]} writes there already; name another file")
        seen[key] = option
        if file != _STANDARD_OUTPUT:
            check_writable(file, option)
    return asked


def in_files(asked: Mapping[str, str]) -> dict[str, str]:
    """Those that go into files."""
    return {option: file for option, file in asked.items() if file != _STANDARD_OUTPUT}


def keep_declarations(asked: Mapping[str, str], environment_folder: Path) -> None:
    """Raise CannotWrite for a document that would take the place of one of the files that it is made from."""
    for option, file in in_files(asked).items():
        real = Path(os.path.realpath(file))
        stack_file = real.exists() and real.name.startswith("Pulumi.")
        if stack_file or real.is_relative_to(os.path.realpath(environment_folder)):
            raise CannotWrite(f"{option} {file}: a document never replaces what it is made from; name a file elsewhere")


def deliver(asked: Mapping[str, str], parts: Callable[[str], Iterable[str]], show: Callable[[], None]) -> None:
    """Write the files, all or none; then print the document that goes to standard output, or ``show`` where none does.

    Args:
        asked: of :func:`asked_documents`.
        parts: an option's document as UTF-8 text, part by part.
        show: prints what a person reads.

    Raises:
        CannotWrite: a file or standard output.
    """
    write_all((Path(file), partial(parts, option)) for option, file in in_files(asked).items())
    printed = next((option for option, file in asked.items() if file == _STANDARD_OUTPUT), None)
    try:
        with told():
            if printed is None:
                show()
            else:
                sys.stdout.reconfigure(encoding="utf-8")  # pyright: ignore[reportAttributeAccessIssue]
                sys.stdout.writelines(parts(printed))
    except BrokenPipeError:
        leave()


def say_written(asked: Mapping[str, str]) -> None:
    """Name the files."""
    if files := in_files(asked).values():
        print(f"Written: {', '.join(files)}")
