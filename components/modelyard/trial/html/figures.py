"""Charts of a trial, described with the charting library and drawn by it in the browser."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...page.chart import COLOURS, LIMIT, label
from ..measured import Measured
from ..result import TrialResult

if TYPE_CHECKING:
    from ...sizing.prediction import Prediction

CHARTS = ("chart-latency", "chart-stages", "chart-batches", "chart-seconds")
_PREDICTED = COLOURS[1]
_MEASURED = COLOURS[0]
_STAGES = 8


def figures(result: TrialResult) -> dict[str, Any]:
    """Element id to figure (``data`` and ``layout``), JSON-ready; empty without a load."""
    seen = result.measured
    if seen is None:
        return {}
    drawn = {"chart-latency": _latency(seen, result)}
    if seen.stages:
        drawn["chart-stages"] = _stages(seen, result.predicted)
        drawn["chart-batches"] = _batches(seen, result.predicted)
    if seen.by_second:
        drawn["chart-seconds"] = _seconds(seen)
    return drawn


def _latency(seen: Measured, result: TrialResult) -> dict[str, Any]:
    """Share of the requests that are answered within a time."""
    import plotly.graph_objects as go

    figure = go.Figure()
    lines = [("measured", seen.latencies, _MEASURED, "solid")]
    if result.predicted is not None:
        lines.append(("predicted", result.predicted.distribution, _PREDICTED, "dash"))
    for name, points, colour, dash in lines:
        figure.add_scatter(
            x=[ms for _, ms in points],
            y=[share * 100 for share, _ in points],
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            marker={"color": colour},
            hovertemplate="%{y:.1f}% within %{x:.3g} ms<extra>%{fullData.name}</extra>",
        )
    if result.promise is not None:
        figure.add_scatter(
            x=[result.promise.p99_ms],
            y=[99],
            name="objective",
            mode="markers",
            marker={"color": LIMIT, "size": 11, "symbol": "diamond"},
            hovertemplate="objective: 99% within %{x:g} ms<extra></extra>",
        )
    figure.update_layout(
        template="none",
        height=320,
        title="Latency: share of the requests answered within",
        showlegend=False,
        xaxis={
            "type": "log",
            "ticksuffix": " ms",
            "tickvals": _ticks([ms for _, points, *_ in lines for _, ms in points]),
        },
        yaxis={"ticksuffix": "%", "range": [0, 101], "automargin": True},
    )
    return figure.to_plotly_json()


def _stages(seen: Measured, thought: Prediction | None) -> dict[str, Any]:
    import plotly.graph_objects as go

    shown = seen.stages[:_STAGES]
    labels = [label(stage.model) for stage in shown]
    series: list[tuple[str, list[Any], str]] = [("queue", [stage.queue_ms for stage in shown], COLOURS[0])]
    if thought is not None:
        queues = [found.queue_ms if (found := thought.stage(stage.model)) else None for stage in shown]
        series.append(("queue, predicted", queues, COLOURS[1]))
    series.append(("execution", [stage.execution_ms for stage in shown], COLOURS[2]))
    if thought is not None:
        executions = [found.execution_ms if (found := thought.stage(stage.model)) else None for stage in shown]
        series.append(("execution, predicted", executions, COLOURS[3]))
    figure = go.Figure()
    for name, values, colour in series:
        figure.add_bar(
            x=values,
            y=labels,
            name=name,
            orientation="h",
            marker_color=colour,
            hovertemplate="%{y}<br>%{fullData.name}: %{x:.3g} ms<extra></extra>",
        )
    figure.update_layout(
        template="none",
        barmode="group",
        height=110 + 16 * len(series) * len(shown),
        title="Mean time by stage",
        showlegend=False,
        xaxis={"ticksuffix": " ms", "nticks": 6, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return figure.to_plotly_json()


def _batches(seen: Measured, thought: Prediction | None) -> dict[str, Any]:
    import plotly.graph_objects as go

    figure = go.Figure()
    for position, stage in enumerate(seen.stages[:_STAGES]):
        colour = COLOURS[position % len(COLOURS)]
        total = sum(stage.batches.values())
        sizes = sorted(stage.batches)
        figure.add_bar(
            x=sizes,
            y=[stage.batches[size] / total * 100 for size in sizes],
            name=label(stage.model),
            marker_color=colour,
            hovertemplate="%{fullData.name}: %{y:.1f}% in batches of %{x}<extra></extra>",
        )
        found = thought.stage(stage.model) if thought else None
        if found is not None:
            known = sorted(found.batches)
            figure.add_scatter(
                x=known,
                y=[found.batches[size] * 100 for size in known],
                name=label(f"{stage.model}, predicted"),
                mode="markers",
                marker={"color": colour, "symbol": "diamond-open", "size": 9, "line": {"width": 2}},
                hovertemplate="%{fullData.name}: %{y:.1f}% in batches of %{x}<extra></extra>",
            )
    figure.update_layout(
        template="none",
        barmode="group",
        height=300,
        title="Executions by batch size",
        showlegend=False,
        xaxis={"dtick": 1 if max((max(stage.batches, default=1) for stage in seen.stages), default=1) <= 12 else None},
        yaxis={"ticksuffix": "%", "rangemode": "tozero", "automargin": True},
    )
    return figure.to_plotly_json()


def _seconds(seen: Measured) -> dict[str, Any]:
    import plotly.graph_objects as go

    figure = go.Figure()
    at = [each.second for each in seen.by_second]
    for name, field, colour in (("sent", "sent", COLOURS[1]), ("answered", "answered", _MEASURED)):
        figure.add_scatter(
            x=at,
            y=[getattr(each, field) for each in seen.by_second],
            name=name,
            mode="lines+markers",
            line={"color": colour},
            marker={"color": colour},
            hovertemplate="second %{x}: %{y} %{fullData.name}<extra></extra>",
        )
    if any(each.failed for each in seen.by_second):
        figure.add_bar(
            x=at,
            y=[each.failed for each in seen.by_second],
            name="failed",
            marker_color=LIMIT,
            hovertemplate="second %{x}: %{y} failed<extra></extra>",
        )
    figure.update_layout(
        template="none",
        height=280,
        title="Requests by second",
        showlegend=False,
        xaxis={"ticksuffix": " s", "nticks": 8, "tickformat": "d", "dtick": 1 if len(at) <= 8 else None},
        yaxis={"rangemode": "tozero", "automargin": True},
    )
    return figure.to_plotly_json()


def _ticks(values: list[float]) -> list[float]:
    """1, 2 and 5 times the powers of ten that a logarithmic axis of these values shows."""
    low, high = min(values), max(values)
    powers = range(math.floor(math.log10(low)) if low > 0 else -2, math.ceil(math.log10(max(high, 0.01))) + 2)
    return [round(digit * 10.0**power, 9) for power in powers for digit in (1, 2, 5)]
