"""Pieces of HTML whose text is always escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..visible_text import visible


def safe(value: object) -> str:
    """Text for an element or a quoted attribute."""
    return escape(visible(value), quote=True)


def table(heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]], caption: str) -> Iterator[str]:
    """A table that scrolls sideways in its own frame.

    ``heads`` are titles with their column's class (``num`` aligns right); cells are HTML already.
    """
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{safe(caption)}"><table>\n'
    yield f'<caption class="quiet">{safe(caption)}</caption>\n<thead><tr>'
    for title, style in heads:
        yield f'<th scope="col" class="{style}">{safe(title)}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in rows:
        cells = zip(row, heads, strict=True)
        yield "<tr>" + "".join(f'<td class="{style}">{cell}</td>' for cell, (_, style) in cells) + "</tr>\n"
    yield "</tbody></table></div>\n"


def bullets(entries: Iterable[object], style: str = "") -> Iterator[str]:
    """A list of escaped sentences."""
    yield f'<ul class="{style}">\n' if style else "<ul>\n"
    for entry in entries:
        yield f"<li>{safe(entry)}</li>\n"
    yield "</ul>\n"
