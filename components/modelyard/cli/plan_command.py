"""``modelyard plan``"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..offline.garbage import collecting_rarely
from ..review.atomic_file import CannotWrite, check_writable, write_all
from .environment_choice import chosen
from .progress import progress
from .stack_outputs import read_outputs
from .standard_output import leave, told

if TYPE_CHECKING:
    from ..review.plan import PlanDocument

_STANDARD_OUTPUT = "-"


def run(arguments: argparse.Namespace) -> int:
    """Plan, write the documents that were asked for, show the plan; the exit code is the plan's."""
    asked = _documents(arguments)
    known_outputs = read_outputs(arguments.outputs)
    environment_folder, stacks_dir = chosen(arguments.environment, arguments.stacks)
    files = {option: file for option, file in asked.items() if file != _STANDARD_OUTPUT}
    for option, file in files.items():
        _keep_declarations(option, file, environment_folder)
    from ..review.build import plan

    with collecting_rarely(), progress(arguments.quiet) as report:
        document = plan(environment_folder, stacks_dir, known_outputs=known_outputs, on_progress=report)
    write_all((Path(file), _renderer(option, document)) for option, file in files.items())
    try:
        with told():
            _show(document, arguments, asked)
    except BrokenPipeError:
        leave()
    return document.exit_code


def _documents(arguments: argparse.Namespace) -> dict[str, str]:
    """Option to file, checked before any work."""
    asked = {
        option: file
        for option, file in (("--json", arguments.json), ("--html", arguments.html), ("--markdown", arguments.markdown))
        if file is not None
    }
    seen: dict[str, str] = {}
    for option, file in asked.items():
        key = file if file == _STANDARD_OUTPUT else os.path.realpath(file)
        if key in seen:
            raise CannotWrite(f"{option} {file}: {seen[key]} writes there already; name another file")
        seen[key] = option
        if file != _STANDARD_OUTPUT:
            check_writable(file, option)
    return asked


def _keep_declarations(option: str, file: str, environment_folder: Path) -> None:
    """Raise CannotWrite for a target among the files that a plan is made from."""
    real = Path(os.path.realpath(file))
    stack_file = real.exists() and real.name.startswith("Pulumi.")
    if stack_file or real.is_relative_to(os.path.realpath(environment_folder)):
        raise CannotWrite(f"{option} {file}: a plan never changes what it is made from; name a file elsewhere")


def _renderer(option: str, document: PlanDocument) -> Callable[[], Iterable[str]]:
    """The document's text in parts; a renderer is imported only where it is asked for."""

    def parts() -> Iterator[str]:
        if option == "--json":
            from ..review.plan_json import lines

            yield from lines(document)
        elif option == "--html":
            from ..review.html.page import parts as page

            yield from page(document)
        else:
            from ..review.markdown import to_markdown

            yield to_markdown(document)

    return parts


def _show(document: PlanDocument, arguments: argparse.Namespace, asked: dict[str, str]) -> None:
    for option, file in asked.items():
        if file == _STANDARD_OUTPUT:
            sys.stdout.reconfigure(encoding="utf-8")  # pyright: ignore[reportAttributeAccessIssue]
            sys.stdout.writelines(_renderer(option, document)())
            return
    if arguments.quiet:
        from ..review.conclusion import conclusion

        print(conclusion(document))
        return
    from ..review.terminal.page import print_plan

    print_plan(document, sys.stdout, full=arguments.full)
    written = [file for file in asked.values() if file != _STANDARD_OUTPUT]
    if written:
        print(f"Written: {', '.join(written)}")
