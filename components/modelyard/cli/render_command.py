"""``modelyard render``"""

from __future__ import annotations

import argparse

from ..review.render.folder import check_folder, write_folder
from .environment_choice import chosen
from .progress import progress
from .stack_outputs import read_outputs
from .standard_output import told


def run(arguments: argparse.Namespace) -> int:
    """Plan, then write the Kubernetes side as files; the exit code is the plan's."""
    check_folder(arguments.out)
    known_outputs = read_outputs(arguments.outputs)
    environment_folder, stacks_dir = chosen(arguments.environment, arguments.stacks)
    from ..review.build import plan
    from ..review.conclusion import conclusion, counted
    from ..review.render.files import files

    with progress(arguments.quiet) as report:
        document = plan(environment_folder, stacks_dir, known_outputs=known_outputs, on_progress=report)
    rendered = files(document)
    write_folder(arguments.out, rendered)
    with told():
        if not arguments.quiet:
            files_written = counted(len(rendered), "file", "files")
            print(f"{files_written} in {arguments.out}; README.md there says what to fill in.")
        print(conclusion(document))
    return document.exit_code
