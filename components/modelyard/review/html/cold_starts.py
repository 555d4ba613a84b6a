"""Cold starts: a chart of what they are made of, each in full, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...page.chart import COLOURS, label
from ...page.element import bullets, safe
from ..model_text import assumed, cold_start_assumptions, cold_starts
from ..plan import PlanDocument

_BARS = 40
_SHOWN = 200
_MARK = "#ffffff"
_PARTS = ("signal", "node", "image", "weights", "load", "ready")


def cold_starts_of_models(document: PlanDocument) -> Iterator[str]:
    """Nothing where no model ever adds a replica."""
    found = cold_starts(document.models)
    if not found:
        return
    yield '<h3 id="cold-starts">Cold starts</h3>\n'
    yield "<p>Until one more replica answers. Assumed, and not measured on any account.</p>\n"
    yield '<div class="chart" id="chart-cold-starts" role="img" aria-label="Longest cold start of each model by its '
    yield 'parts; the same figures are in the list below"></div>\n<ul>\n'
    for named, start in found[:_SHOWN]:
        yield f"<li><strong>{safe(named)}</strong>: {safe(start.text())}</li>\n"
    yield "</ul>\n"
    if len(found) > _SHOWN:
        yield f'<p class="quiet">and {len(found) - _SHOWN:,} more in the JSON document</p>\n'
    yield "<details><summary>What cold starts rest on</summary>\n"
    yield from bullets([assumed(each) for each in cold_start_assumptions(document.models)], "quiet")
    yield "</details>\n"


def cold_starts_figure(document: PlanDocument) -> dict[str, Any] | None:
    """Minutes by part, of the longest that each may take, and the shortest as a mark; None where there is none."""
    import plotly.graph_objects as go

    found = cold_starts(document.models)
    if not found:
        return None
    found = sorted(found, key=lambda each: (-each[1].high_seconds, each[0]))
    cut = len(found) > _BARS
    found = found[:_BARS]
    labels = [label(named.replace(" on ", " / ")) for named, _ in found]
    figure = go.Figure()
    for position, name in enumerate(_PARTS):
        longest = [sum(part.high_seconds for part in start.parts if part.name == name) / 60 for _, start in found]
        if any(longest):
            figure.add_bar(
                x=[round(minutes, 3) for minutes in longest],
                y=labels,
                name=name,
                orientation="h",
                marker_color=COLOURS[position],
                hovertemplate="%{y}<br>%{fullData.name}: at most %{x:.1f} min<extra></extra>",
            )
    figure.add_scatter(
        x=[round(start.low_seconds / 60, 3) for _, start in found],
        y=labels,
        mode="markers",
        name="at least, altogether",
        # It lies on the bars, on every colour of theirs.
        marker={"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": _MARK}, "color": _MARK},
        hovertemplate="%{y}<br>at least %{x:.1f} min<extra></extra>",
    )
    figure.update_layout(
        template="none",
        barmode="stack",
        height=90 + 44 * len(found),
        title="Cold starts in minutes" + (f" (the {_BARS} longest)" if cut else ""),
        showlegend=False,
        xaxis={"ticksuffix": " min", "rangemode": "tozero", "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "categoryorder": "array", "categoryarray": labels},
    )
    return figure.to_plotly_json()
