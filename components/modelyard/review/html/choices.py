"""What was compared of running each model with a traffic profile: a chart of dollars, a table, and what decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...page.chart import COLOURS, label
from ...page.element import bullets, safe, table
from ..choices import HEADS, cells, decides, heading, standing, title
from ..money import dollars
from ..plan import PlanDocument

if TYPE_CHECKING:
    from ...sizing.choosing.option import ChoiceOfTarget, Option

_MODELS, _OPTIONS, _BARS = 20, 100, 14
_NUMBERS = ("replicas", "p99", "late", "$ a month")
_BARS_OF = (("chosen", COLOURS[2]), ("meets", COLOURS[0]), ("depends", COLOURS[1]), ("misses", COLOURS[7]))
"""What is said of an option, and its colour."""


def choices_section(document: PlanDocument) -> Iterator[str]:
    """Nothing where no model says when its requests come."""
    if not document.choices:
        return
    yield '<section id="choices"><h2>Where to run</h2>\n'
    yield "<p>Every way of running a model under its traffic. Latencies are predicted, cold starts are assumed.</p>\n"
    for number, found in enumerate(document.choices[:_MODELS]):
        choice = found.choice
        yield f"<h3>{safe(title(found))}</h3>\n<p><strong>{safe(standing(found))}</strong></p>\n"
        if _priced(choice):
            yield f'<div class="chart" id="chart-choice-{number}" role="img" aria-label="Dollars a month of each '
            yield 'option; the same figures are in the table below"></div>\n'
        heads = [(heading(head), "num" if head in _NUMBERS else "") for head in HEADS]
        yield from table(heads, _rows(choice), f"Options for {found.model}")
        if len(choice.options) > _OPTIONS:
            yield f'<p class="quiet">and {len(choice.options) - _OPTIONS:,} more in the JSON document</p>\n'
        if decides(choice):
            yield "<p>What decides:</p>\n"
            yield from bullets(decides(choice))
        yield "<details><summary>Each option, why, and how its dollars come about</summary>\n"
        yield from bullets(_sentence(each) for each in choice.options[:_OPTIONS])
        yield "</details>\n<details><summary>What this rests on</summary>\n"
        yield from bullets(choice.assumptions, "quiet")
        yield "</details>\n"
    if len(document.choices) > _MODELS:
        yield f'<p class="quiet">and {len(document.choices) - _MODELS:,} more models in the JSON document</p>\n'
    yield "</section>\n"


def choice_figures(document: PlanDocument) -> dict[str, Any]:
    """Element id to figure, of each model of which anything has a price."""
    return {
        f"chart-choice-{number}": _figure(found.choice)
        for number, found in enumerate(document.choices[:_MODELS])
        if _priced(found.choice)
    }


def _figure(choice: ChoiceOfTarget) -> dict[str, Any]:
    import plotly.graph_objects as go

    from ...sizing.choosing.option import KIND_TEXT

    priced = _priced(choice)
    shown = priced[:_BARS]
    labels = [
        label(f"{number}. {KIND_TEXT[option.kind]}, {option.place.machine}")
        for number, option in enumerate(shown, start=1)
    ]
    figure = go.Figure()
    for verdict, colour in _BARS_OF:
        mine = [(at, each) for at, each in enumerate(shown) if _said(choice, each) == verdict]
        if mine:
            figure.add_bar(
                x=[float(each.usd_per_month or 0) for _, each in mine],
                y=[labels[at] for at, _ in mine],
                text=[f" {dollars(each.usd_per_month)}" for _, each in mine if each.usd_per_month is not None],
                textposition="outside",
                cliponaxis=False,
                name=verdict,
                orientation="h",
                marker_color=colour,
                customdata=[label(each.name) for _, each in mine],
                hovertemplate="%{customdata}<br>%{fullData.name}: $%{x:,.2f} a month<extra></extra>",
            )
    most = max(float(each.usd_per_month or 0) for each in shown)
    figure.update_layout(
        template="none",
        barmode="overlay",
        height=90 + 44 * len(shown),
        title="Dollars a month" + (f" (the first {_BARS})" if len(priced) > _BARS else ""),
        showlegend=False,
        xaxis={"tickprefix": "$", "separatethousands": True, "range": [0, max(most * 1.25, 1)], "nticks": 5},
        yaxis={"autorange": "reversed", "automargin": True, "categoryorder": "array", "categoryarray": labels},
    )
    return figure.to_plotly_json()


def _priced(choice: ChoiceOfTarget) -> list[Option]:
    return [each for each in choice.options if each.usd_per_month is not None]


def _said(choice: ChoiceOfTarget, option: Option) -> str:
    return "chosen" if option is choice.chosen else option.verdict


def _rows(choice: ChoiceOfTarget) -> Iterator[tuple[str, ...]]:
    for option in choice.options[:_OPTIONS]:
        *first, said = (safe(cell) for cell in cells(option, chosen=option is choice.chosen))
        marked = f"<strong>{said}</strong>" if said == "chosen" else said
        yield (*first, marked)


def _sentence(option: Option) -> str:
    return f"{option.name}: {option.why}" + (f" [{option.calculation}]" if option.calculation else "")
