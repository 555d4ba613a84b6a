"""``modelyard plan``"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..offline.garbage import collecting_rarely
from .documents import asked_documents, deliver, keep_declarations, say_written
from .environment_choice import chosen
from .progress import progress
from .stack_outputs import read_outputs

if TYPE_CHECKING:
    from ..review.plan import PlanDocument


def run(arguments: argparse.Namespace) -> int:
    """Plan, write the documents that were asked for, show the plan; the exit code is the plan's."""
    asked = asked_documents({"--json": arguments.json, "--html": arguments.html, "--markdown": arguments.markdown})
    known_outputs = read_outputs(arguments.outputs)
    earlier = None
    if arguments.since is not None:
        from ..review.earlier_plan import read_earlier_plan

        earlier = read_earlier_plan(arguments.since)
    environment_folder, stacks_dir = chosen(arguments.environment, arguments.stacks)
    keep_declarations(asked, environment_folder)
    from ..review.build import plan

    with collecting_rarely(), progress(arguments.quiet) as report:
        document = plan(
            environment_folder, stacks_dir, known_outputs=known_outputs, on_progress=report, earlier=earlier
        )
    deliver(asked, lambda option: _parts(document, option), lambda: _show(document, arguments, asked))
    return document.exit_code


def _parts(document: PlanDocument, option: str) -> Iterator[str]:
    """The document's text in parts; what makes it is imported only where it is asked for."""
    if option == "--json":
        from ..review.plan_json import lines

        yield from lines(document)
    elif option == "--html":
        from ..review.html.page import parts as page

        yield from page(document)
    else:
        from ..review.markdown import to_markdown

        yield to_markdown(document)


def _show(document: PlanDocument, arguments: argparse.Namespace, asked: dict[str, str]) -> None:
    if arguments.quiet:
        from ..review.conclusion import conclusion

        print(conclusion(document))
        return
    from ..review.terminal.page import print_plan

    print_plan(document, sys.stdout, full=arguments.full)
    say_written(asked)
