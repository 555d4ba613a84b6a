"""The whole page: head, security policy, sections, figures, script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from ..conclusion import conclusion
from ..plan import PlanDocument
from ..summary import facts, next_steps
from .costs import costs_section
from .element import bullets, safe
from .figures import figures
from .models import models_section
from .placement import placement_section
from .policies import policies_section
from .resources import resources_section
from .results import notices_section, outputs_section


def parts(document: PlanDocument) -> Iterator[str]:
    """The page's text, part by part. It carries its charting library, styles and data; a Content Security Policy
    keeps the browser from requesting anything and from running any script but the two that it names by hash."""
    drawn = figures(document)
    library, own = _charting_library(), _own("script.js")
    yield "<!doctype html>\n"
    yield '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_security_policy(library, own)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield '<meta name="referrer" content="no-referrer">\n'
    yield '<link rel="icon" href="data:,">\n'
    yield f"<title>Plan of {safe(document.environment)}</title>\n"
    yield f"<style>\n{_own('style.css')}</style>\n</head>\n<body>\n"
    yield from _header(document)
    yield '<main id="main">\n'
    yield from notices_section(document)
    yield from costs_section(document)
    yield from models_section(document)
    yield from placement_section(document)
    yield from policies_section(document)
    yield from resources_section(document)
    yield from outputs_section(document)
    yield "</main>\n"
    yield f"<footer>Modelyard {safe(document.version)}. Planned offline: no cloud account was asked.</footer>\n"
    yield f'<script type="application/json" id="figures">{_data(drawn)}</script>\n'
    yield f"<script>{library}</script>\n<script>{own}</script>\n</body>\n</html>\n"


def _header(document: PlanDocument) -> Iterator[str]:
    verdict = "bad" if document.broken else "good"
    yield '<a class="skip" href="#main">Skip to the plan</a>\n<header>\n'
    yield f'<h1>Plan of {safe(document.environment)} <span class="quiet">tier {safe(document.tier)}</span></h1>\n'
    yield f'<p class="verdict {verdict}" role="status">{safe(conclusion(document))}</p>\n'
    yield '<dl class="facts">\n'
    for value, name in facts(document):
        yield f"<div><dt>{safe(name)}</dt><dd>{safe(value)}</dd></div>\n"
    yield "</dl>\n"
    steps = next_steps(document)
    if steps:
        yield '<section id="next"><h2>Next</h2>\n'
        yield from bullets(steps)
        yield "</section>\n"
    yield '<nav aria-label="Sections"><ul>\n'
    for anchor, title in (
        ("costs", "Costs"),
        ("models", "Models"),
        ("placement", "Placement"),
        ("policies", "Policies"),
        ("resources", "Resources"),
        ("outputs", "Outputs"),
    ):
        yield f'<li><a href="#{anchor}">{title}</a></li>\n'
    yield "</ul></nav>\n</header>\n"


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


@cache
def _own(name: str) -> str:
    return files("modelyard.review.html").joinpath(name).read_text(encoding="utf-8")


def _charting_library() -> str:
    """The charting library's own script, from the installed package, with the line ends that a browser hashes."""
    from plotly.offline import get_plotlyjs

    return get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n")
