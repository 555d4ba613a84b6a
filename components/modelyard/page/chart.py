"""What charts of every page share. Colours of text and grid are the page's, so that both follow its light or dark
scheme."""

from __future__ import annotations

from ..visible_text import one_line

COLOURS = ("#3f6ea3", "#b8560b", "#37803a", "#8d5d92", "#c03a3f", "#1f7a78", "#7d5a48", "#6a6f75")
"""White text on each is read easily, and each stands out from a white and a black page."""
LIMIT = "#d9363e"
"""Of a budget or a promise."""


def label(text: str) -> str:
    """Text as a label: the charting library reads a few HTML tags and its own templates, so none may be in it."""
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("%{", "%&#123;")
