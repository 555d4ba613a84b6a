"""Charts of the plan, described with the charting library and drawn by it in the browser."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...page.chart import COLOURS, LIMIT, label
from ..money import dollars
from ..plan import PlanDocument
from ..resource_tree import kind
from .choices import choice_figures
from .cold_starts import cold_starts_figure

if TYPE_CHECKING:
    from ...placement import PoolPlacement

_SEGMENTS = 7
_DEPARTMENTS = 40
_POOLS = 60
_FILLS = (("gpu", "GPU"), ("cpu", "CPU"), ("memory", "memory"), ("gpu_memory", "GPU memory"))
_GROUP = "#4d5661"


def figures(document: PlanDocument) -> dict[str, Any]:
    """Element id to figure (``data`` and ``layout``), JSON-ready."""
    drawn = {"chart-costs": _by_department(document), "chart-shares": _shares(document)}
    if running(document):
        drawn["chart-placement"] = _placement(document)
    starts = cold_starts_figure(document)
    if starts is not None:
        drawn["chart-cold-starts"] = starts
    return {**drawn, **choice_figures(document)}


def _by_department(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    amounts = _amounts(document)
    named, rest = _kinds(document)
    who = sorted(amounts, key=lambda name: (_standing(name), -sum(amounts[name].values()), name))
    left_out = len(who) - _DEPARTMENTS
    who = who[:_DEPARTMENTS]
    labels = [_label(name) for name in who]
    figure = go.Figure()
    for position, what in enumerate([*named, "other"] if rest else named):
        kinds = rest if rest and position == len(named) else [what]
        figure.add_bar(
            x=[float(sum((amounts[name].get(each, Decimal(0)) for each in kinds), Decimal(0))) for name in who],
            y=labels,
            name=_label(what),
            orientation="h",
            marker_color=COLOURS[position % len(COLOURS)],
            hovertemplate="%{y}<br>%{fullData.name}: $%{x:,.2f}<extra></extra>",
        )
    sums = [sum(amounts[name].values(), Decimal(0)) for name in who]
    figure.add_scatter(
        x=[float(usd) for usd in sums],
        y=labels,
        text=[f" {dollars(usd)}" for usd in sums],
        mode="text",
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    budgets = {line.department: line for line in document.budgets}
    marked = [name for name in who if name in budgets]
    if marked:
        figure.add_scatter(
            x=[float(budgets[name].budget_usd) for name in marked],
            y=[_label(name) for name in marked],
            mode="markers",
            name="budget",
            marker={"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": LIMIT}, "color": LIMIT},
            hovertemplate="%{y}<br>budget: $%{x:,.2f}<extra></extra>",
        )
    figure.update_layout(
        template="none",
        barmode="stack",
        height=90 + 44 * len(who),
        title="Dollars a month" + (f" (without {left_out:,} smaller departments)" if left_out > 0 else ""),
        showlegend=False,
        xaxis={"tickprefix": "$", "separatethousands": True, "range": [0, _end(document, sums, marked)], "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True, "categoryorder": "array", "categoryarray": labels},
    )
    return figure.to_plotly_json()


def _shares(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    amounts = _amounts(document)
    named, _ = _kinds(document)
    colour_of = {what: COLOURS[position] for position, what in enumerate(named)}
    ids, labels, parents, values, colours = ["all"], [_label(document.environment)], [""], [0.0], [_GROUP]
    for name in sorted(amounts):
        ids.append(f"all/{name}")
        labels.append(_label(name))
        parents.append("all")
        values.append(0.0)
        colours.append(_GROUP)
        for what, usd in sorted(amounts[name].items()):
            if usd > 0:
                ids.append(f"all/{name}/{what}")
                labels.append(_label(what))
                parents.append(f"all/{name}")
                values.append(float(usd))
                colours.append(colour_of.get(what, COLOURS[_SEGMENTS]))
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
            marker={"colors": colours},
            textfont={"color": "#ffffff"},
        )
    )
    figure.update_layout(
        template="none",
        height=320,
        title="Shares of the total; choose one to look inside",
        uniformtext={"minsize": 9, "mode": "hide"},
    )
    return figure.to_plotly_json()


def _placement(document: PlanDocument) -> dict[str, Any]:
    import plotly.graph_objects as go

    pools = running(document)
    shown = pools[:_POOLS]
    cut = len(pools) > _POOLS
    labels = [
        _label(f"{each.pool.cluster}/{each.pool.name}" if each.pool.cluster else each.pool.name) for each in shown
    ]
    figure = go.Figure()
    for position, (key, name) in enumerate(_drawn_fills(shown)):
        figure.add_bar(
            x=[_percent(each.fill_at_floor, key) for each in shown],
            y=labels,
            customdata=[_percent(each.fill_at_max, key) for each in shown],
            name=name,
            orientation="h",
            marker_color=COLOURS[position],
            hovertemplate="%{y}<br>%{fullData.name}: %{x:.0f}%, %{customdata:.0f}% at the maximum<extra></extra>",
        )
    figure.update_layout(
        template="none",
        barmode="group",
        height=90 + 52 * len(shown),
        title="Requested share of the nodes that run" + (f" (first {_POOLS} pools)" if cut else ""),
        showlegend=False,
        xaxis={"ticksuffix": "%", "range": [0, 100], "nticks": 6},
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return figure.to_plotly_json()


def _drawn_fills(pools: list[PoolPlacement]) -> list[tuple[str, str]]:
    """Without what no pool says anything of."""
    return [
        (key, name)
        for key, name in _FILLS
        if key != "gpu_memory" or any(_percent(each.fill_at_floor, key) is not None for each in pools)
    ]


def running(document: PlanDocument) -> list[PoolPlacement]:
    """The pools of which something is known to run: the others would be empty rows."""
    fills = ((each, each.fill_at_floor) for each in document.placement.pools)
    return [each for each, fill in fills if any(_percent(fill, key) for key in ("gpu", "cpu", "memory"))]


def _kinds(document: PlanDocument) -> tuple[list[str], list[str]]:
    """Kinds of resources by dollars: those that have a colour of their own, and the rest."""
    totals: dict[str, Decimal] = {}
    for mine in _amounts(document).values():
        for what, usd in mine.items():
            totals[what] = totals.get(what, Decimal(0)) + usd
    largest = sorted(totals, key=lambda what: (-totals[what], what))
    return largest[:_SEGMENTS], largest[_SEGMENTS:]


def _end(document: PlanDocument, sums: list[Decimal], marked: list[str]) -> float:
    """Where the axis ends: past the longest bar and its figure, and past the last budget."""
    budgets = [line.budget_usd for line in document.budgets if line.department in marked]
    return float(
        max([*(usd * Decimal("1.18") for usd in sums), *(usd * Decimal("1.04") for usd in budgets), Decimal(1)])
    )


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
    return label({"shared": "shared by all", "idle": "idle capacity"}.get(text, text))


def _percent(fill: Any, key: str) -> float | None:
    share = getattr(fill, key, None)
    return None if share is None else round(share * 100, 2)
