"""The frame of a page: head, security policy, heading, footer, figures and scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from .element import safe


@dataclass(frozen=True, slots=True)
class Heading:
    """What a page says first."""

    title: str
    beside: str
    """Small, beside the title; may be empty."""
    good: bool
    conclusion: str
    facts: Iterable[tuple[str, str]]
    """Figures with their names."""
    skip: str
    """Link over the heading, for those who read by keyboard or ear."""


def page(
    heading: Heading,
    sections: Iterable[str],
    *,
    figures: Mapping[str, Any],
    footer: str,
    lead: Iterable[str] = (),
    script: str = "",
    style: str = "",
) -> Iterator[str]:
    """The page's text, part by part.

    It carries its charting library, styles and data; a Content Security Policy keeps the browser from requesting
    anything and from running any script but the two that it names by hash.

    Args:
        heading: also names the page.
        sections: HTML.
        figures: of the charting library, by the id of their element.
        footer: one sentence or two; is escaped.
        lead: HTML that follows the heading.
        script: the page's own; runs after the charts are drawn.
        style: the page's own; comes after the shared styles.
    """
    library, own = _charting_library(), asset("modelyard.page", "charts.js") + script
    yield "<!doctype html>\n"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_security_policy(library, own)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield '<link rel="icon" href="data:,">\n'
    yield f"<title>{safe(heading.title)}</title>\n"
    yield f"<style>\n{asset('modelyard.page', 'style.css')}{style}</style>\n</head>\n<body>\n"
    yield from _header(heading, lead)
    yield '<main id="main">\n'
    yield from sections
    yield "</main>\n"
    yield f"<footer>{safe(footer)}</footer>\n"
    yield f'<script type="application/json" id="figures">{_data(figures)}</script>\n'
    yield f"<script>{library}</script>\n<script>{own}</script>\n</body>\n</html>\n"


def asset(package: str, name: str) -> str:
    """A style sheet or script that lies in a package."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _header(heading: Heading, lead: Iterable[str]) -> Iterator[str]:
    yield f'<a class="skip" href="#main">{safe(heading.skip)}</a>\n<header>\n'
    beside = f'<span class="quiet">{safe(heading.beside)}</span>' if heading.beside else ""
    yield f"<h1>{safe(heading.title)} {beside}</h1>\n"
    verdict = "good" if heading.good else "bad"
    yield f'<p class="verdict {verdict}" role="status">{safe(heading.conclusion)}</p>\n'
    yield '<dl class="facts">\n'
    for value, name in heading.facts:
        yield f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>\n"
    yield "</dl>\n"
    yield from lead
    yield "</header>\n"


def _security_policy(*scripts: str) -> str:
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; form-action 'none'; base-uri 'none'"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _data(value: Any) -> str:
    """JSON that no HTML parser can take for the end of its script element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _charting_library() -> str:
    """The charting library's own script, from the installed package, with the line ends that a browser hashes."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n")
