"""Notices at the top, stack outputs at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...graph import plain
from ...page.element import bullets, safe
from ..plan import PlanDocument


def notices_section(document: PlanDocument) -> Iterator[str]:
    if document.notices:
        yield '<section id="notices"><h2>Notices</h2>\n'
        yield from bullets(document.notices, "warn")
        yield "</section>\n"


def outputs_section(document: PlanDocument) -> Iterator[str]:
    yield '<section id="outputs"><h2>Outputs</h2>\n'
    for stack, outputs in document.outputs.items():
        if outputs:
            text = json.dumps(plain(outputs), indent=2, ensure_ascii=False, sort_keys=True)
            yield f'<details><summary>{safe(stack)}</summary><pre tabindex="0">{safe(text)}</pre></details>\n'
    if not any(document.outputs.values()):
        yield "<p>No stack exports anything.</p>\n"
    yield "</section>\n"
