"""Charts of the plan, described with the charting library and drawn by it in the browser.

Colours of text and grid are the page's, so that both follow its light or dark scheme.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ..plan import PlanDocument
from ..resource_tree import kind
from ..visible_text import one_line

_SEGMENTS = 7
_DEPARTMENTS = 40
_POOLS = 60
_COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#b279a2", "#e45756", "#72b7b2", "#9d755d", "#9a9a9a")


def figures(document: PlanDocument) -> dict[str, Any]:
    """Element id to figure (``data`` and ``layout``), JSON-ready."""
    drawn = {"chart-costs": _by_department(document), "chart-shares": _shares(document)}
    if document.placement.pools:
        drawn["chart-placement"] = _placement(document)
    return drawn


def _by_department(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    amounts = _amounts(document)
    who = sorted(amounts, key=lambda name: (_standing(name), -sum(amounts[name].values()), name))
    left_out = len(who) - _DEPARTMENTS
    who = who[:_DEPARTMENTS]
    totals: dict[str, Decimal] = {}
    for name in who:
        for what, usd in amounts[name].items():
            totals[what] = totals.get(what, Decimal(0)) + usd
    largest = sorted(totals, key=lambda what: (-totals[what], what))
    named, rest = largest[:_SEGMENTS], largest[_SEGMENTS:]
    labels = [_label(name) for name in who]
    figure = go.Figure()
    for position, what in enumerate([*named, "other"] if rest else named):
        kinds = rest if what == "other" and rest else [what]
        figure.add_bar(
            x=[float(sum((amounts[name].get(each, Decimal(0)) for each in kinds), Decimal(0))) for name in who],
            y=labels,
            name=_label(what),
            orientation="h",
            marker_color=_COLOURS[position % len(_COLOURS)],
            hovertemplate="%{y}<br>%{fullData.name}: $%{x:,.2f}<extra></extra>",
        )
    budgets = {line.department: line for line in document.budgets}
    marked = [name for name in who if name in budgets]
    if marked:
        figure.add_scatter(
            x=[float(budgets[name].budget_usd) for name in marked],
            y=[_label(name) for name in marked],
            mode="markers",
            name="budget",
            marker={"symbol": "line-ns", "size": 26, "line": {"width": 3, "color": "#d62728"}, "color": "#d62728"},
            hovertemplate="%{y}<br>budget: $%{x:,.2f}<extra></extra>",
        )
    figure.update_layout(
        template="none",
        barmode="stack",
        height=150 + 46 * len(who),
        title="Dollars a month" + (f" (without {left_out:,} smaller departments)" if left_out > 0 else ""),
        legend={"orientation": "h", "yanchor": "top", "y": -0.18},
        xaxis={"tickprefix": "$", "separatethousands": True, "rangemode": "tozero", "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "categoryorder": "array", "categoryarray": labels},
    )
    return figure.to_plotly_json()


def _shares(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    amounts = _amounts(document)
    ids, labels, parents, values = ["all"], [_label(document.environment)], [""], [0.0]
    for name in sorted(amounts):
        ids.append(f"all/{name}")
        labels.append(_label(name))
        parents.append("all")
        values.append(0.0)
        for what, usd in sorted(amounts[name].items()):
            if usd > 0:
                ids.append(f"all/{name}/{what}")
                labels.append(_label(what))
                parents.append(f"all/{name}")
                values.append(float(usd))
    figure = go.Figure(
        go.Treemap(
            ids=ids,
            labels=labels,
            parents=parents,
            values=values,
            branchvalues="remainder",
            textinfo="label+value",
            texttemplate="%{label}<br>$%{value:,.2f}",
            hovertemplate="%{label}<br>$%{value:,.2f} a month<br>%{percentRoot} of the total<extra></extra>",
            maxdepth=3,
            tiling={"pad": 2},
        )
    )
    figure.update_layout(
        template="none", height=340, title="Shares of the total; choose one to look inside", treemapcolorway=_COLOURS
    )
    return figure.to_plotly_json()


def _placement(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    shown = document.placement.pools[:_POOLS]
    cut = len(document.placement.pools) > _POOLS
    labels = [
        _label(f"{each.pool.cluster}/{each.pool.name}" if each.pool.cluster else each.pool.name) for each in shown
    ]
    figure = go.Figure()
    for position, (key, name) in enumerate((("gpu", "GPU"), ("cpu", "CPU"), ("memory", "memory"))):
        figure.add_bar(
            x=[_percent(each.fill_at_floor, key) for each in shown],
            y=labels,
            customdata=[_percent(each.fill_at_max, key) for each in shown],
            name=name,
            orientation="h",
            marker_color=_COLOURS[position],
            hovertemplate="%{y}<br>%{fullData.name}: %{x:.0f}%, %{customdata:.0f}% at the maximum<extra></extra>",
        )
    figure.update_layout(
        template="none",
        barmode="group",
        height=150 + 62 * len(shown),
        title="Requested share of the nodes that run" + (f" (first {_POOLS} pools)" if cut else ""),
        legend={"orientation": "h", "yanchor": "top", "y": -0.18},
        xaxis={"ticksuffix": "%", "range": [0, 100], "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return figure.to_plotly_json()


def _amounts(document: PlanDocument) -> dict[str, dict[str, Decimal]]:
    """Who pays (a department, ``shared`` or ``idle``) to kind of resource to dollars a month."""
    amounts: dict[str, dict[str, Decimal]] = {name: {} for name in document.costs.departments}
    for line in document.costs.lines:
        who = line.department if line.kind == "department" and line.department else line.kind
        mine = amounts.setdefault(who, {})
        what = _what(line.urn)
        mine[what] = mine.get(what, Decimal(0)) + line.usd
    return amounts


def _what(urn: str) -> str:
    parts = urn.split("::")
    return kind(parts[2].rpartition("$")[2]) if len(parts) > 3 else "other"


def _standing(name: str) -> int:
    return {"shared": 1, "idle": 2}.get(name, 0)


def _label(text: str) -> str:
    """Text as a label: the charting library reads a few HTML tags and its own templates, so none may be in it."""
    text = {"shared": "shared by all", "idle": "idle capacity"}.get(text, text)
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("%{", "%&#123;")


def _percent(fill: Any, key: str) -> float | None:
    share = getattr(fill, key, None)
    return None if share is None else round(share * 100, 2)
