"""What happens while a plan is made, for whoever looks at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[str, int], None]
_STEP = 20
"""Resources between two updates of a count."""


@contextmanager
def progress(quiet: bool) -> Iterator[Report | None]:
    """Yields a function that takes a stack's name and its count of resources, or None where nobody would see it."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in (None, "", "dumb"):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn

    console = Console(stderr=True, highlight=False, emoji=False)
    columns = (
        SpinnerColumn("line", finished_text=" "),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.completed} resources", style="dim"),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        tasks: dict[str, TaskID] = {}

        def report(stack: str, count: int) -> None:
            if stack not in tasks:
                for earlier in tasks.values():
                    shown.update(earlier, total=shown.tasks[earlier].completed)
                tasks[stack] = shown.add_task(stack, total=None)
            if count % _STEP == 0 or count < _STEP:
                shown.update(tasks[stack], completed=count)

        yield report
