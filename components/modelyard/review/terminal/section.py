"""What every section of the terminal's page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rich.box import Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...visible_text import one_line

T = TypeVar("T")
SHOWN = 12
"""Entries of a list that are shown unless all of them are asked for."""
_RULES = "    \n    \n ── \n    \n ── \n    \n    \n    \n"
"""A line under the head and one between sections, nothing else; the order of lines is :class:`rich.box.Box`'s."""
_ASCII = str.maketrans({"·": "-", "…": "...", "×": "x", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "→": "->"})


@dataclass(slots=True)
class Page:
    """Where sections write to, and how much of each list."""

    console: Console
    full: bool

    @property
    def ascii_only(self) -> bool:
        return self.console.options.ascii_only

    def text(self, value: object) -> str:
        """One safe line, in the letters that the terminal has."""
        line = one_line(value)
        if self.ascii_only:
            return line.translate(_ASCII).encode("ascii", "backslashreplace").decode("ascii")
        return line

    def heading(self, title: str, summary: str = "") -> None:
        line = Text(self.text(title), style="bold underline")
        if summary:
            line.append(f"  {self.text(summary)}", style="not bold not underline dim")
        self.console.print()
        self.console.print(line)

    def item(self, value: object, style: str = "") -> None:
        """One entry of a list; following lines hang under its first word."""
        lead = "  - "
        for part in Text(self.text(value)).wrap(self.console, max(20, self.console.width - len(lead))):
            part.rstrip()
            self.console.print(Text.assemble((lead, "dim"), (part.plain, style)))
            lead = "    "

    def table(self) -> Table:
        """An empty table in the page's style."""
        lines = _RULES.replace("─", "-") if self.ascii_only else _RULES
        style = Box(lines, ascii=self.ascii_only)
        return Table(box=style, pad_edge=False, show_edge=False, header_style="dim", collapse_padding=True)

    def first(self, entries: Sequence[T]) -> Sequence[T]:
        return entries if self.full else entries[:SHOWN]

    def rest(self, entries: Sequence[object]) -> None:
        """Say how many entries :meth:`first` left out."""
        left = 0 if self.full else len(entries) - SHOWN
        if left > 0:
            self.console.print(Text("  " + self.text(f"… and {left:,} more; --full shows all"), style="dim"))
