"""What a trial is doing, for whoever looks at a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..trial.phases import SAID, Nobody, Watch

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def watching(quiet: bool) -> Iterator[Watch]:
    """A progress bar on standard error; a line for each phase where that is no terminal; nothing when ``quiet``."""
    if quiet:
        yield Nobody()
        return
    if not sys.stderr.isatty() or os.environ.get("TERM") in (None, "", "dumb"):
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False, emoji=False)
    columns = (
        SpinnerColumn("line", finished_text=" "),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield _Bars(shown)


class _Lines:
    def phase(self, name: str) -> None:
        print(f"modelyard: {SAID[name]}", file=sys.stderr, flush=True)

    def detail(self, text: str) -> None: ...

    def progress(self, done: float, total: float) -> None: ...


class _Bars:
    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._task: TaskID | None = None

    def phase(self, name: str) -> None:
        if self._task is not None:
            done = self._shown.tasks[self._task]
            self._shown.update(self._task, total=done.total or 1, completed=done.total or 1, detail="")
        self._task = self._shown.add_task(SAID[name], total=None, detail="")

    def detail(self, text: str) -> None:
        from ..visible_text import one_line

        if self._task is not None:
            self._shown.update(self._task, detail=one_line(text))

    def progress(self, done: float, total: float) -> None:
        if self._task is not None:
            self._shown.update(self._task, total=total, completed=min(done, total))
