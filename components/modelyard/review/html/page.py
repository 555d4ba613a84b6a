"""The page of a plan: its sections, figures and script."""

from __future__ import annotations

from collections.abc import Iterator

from ...page.element import bullets
from ...page.page import Heading, asset, page
from ..conclusion import conclusion
from ..plan import PlanDocument
from ..summary import facts, next_steps
from .changes import changes_section
from .choices import choices_section
from .costs import costs_section
from .figures import figures
from .models import models_section
from .placement import placement_section
from .policies import policies_section
from .resources import resources_section
from .results import notices_section, outputs_section

_PACKAGE = "modelyard.review.html"


def parts(document: PlanDocument) -> Iterator[str]:
    """The page's text, part by part; see :func:`modelyard.page.page.page`."""
    yield from page(
        Heading(
            title=f"Plan of {document.environment}",
            beside=f"tier {document.tier}",
            good=not document.broken,
            conclusion=conclusion(document),
            facts=facts(document),
            skip="Skip to the plan",
        ),
        _sections(document),
        lead=_lead(document),
        figures=figures(document),
        footer=f"Modelyard {document.version}. Planned offline: no cloud account was asked.",
        script=asset(_PACKAGE, "script.js"),
        style=asset(_PACKAGE, "style.css"),
    )


def _lead(document: PlanDocument) -> Iterator[str]:
    steps = next_steps(document)
    if steps:
        yield '<section id="next"><h2>Next</h2>\n'
        yield from bullets(steps)
        yield "</section>\n"
    yield '<nav aria-label="Sections"><ul>\n'
    for anchor, title in (
        *((("changes", "Changes"),) if document.changes is not None else ()),
        ("costs", "Costs"),
        ("models", "Models"),
        *((("choices", "Where to run"),) if document.choices else ()),
        ("placement", "Placement"),
        ("policies", "Policies"),
        ("resources", "Resources"),
        ("outputs", "Outputs"),
    ):
        yield f'<li><a href="#{anchor}">{title}</a></li>\n'
    yield "</ul></nav>\n"


def _sections(document: PlanDocument) -> Iterator[str]:
    yield from notices_section(document)
    yield from changes_section(document)
    yield from costs_section(document)
    yield from models_section(document)
    yield from choices_section(document)
    yield from placement_section(document)
    yield from policies_section(document)
    yield from resources_section(document)
    yield from outputs_section(document)
