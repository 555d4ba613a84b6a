"""Which model runs where, with how many replicas, how fast and for how much."""

from __future__ import annotations

from rich.text import Text

from ..conclusion import counted
from ..money import dollars
from ..plan import ModelLine, ModelPlace, PlanDocument
from .section import Page


def print_models(document: PlanDocument, page: Page) -> None:
    if not document.models:
        return
    page.heading("Models", counted(len(document.models), "model", "models"))
    table = page.table()
    table.add_column("model", overflow="fold", min_width=12)
    table.add_column("cluster", overflow="fold")
    table.add_column("pool", overflow="fold")
    table.add_column("replicas", justify="right", no_wrap=True)
    table.add_column("p99 ms", justify="right", no_wrap=True)
    table.add_column("$ a month", justify="right", no_wrap=True)
    for line in page.first(document.models):
        for position, place in enumerate(line.places):
            first = position == 0
            table.add_row(
                _name(line, page) if first else Text(),
                Text(page.text(place.cluster)),
                Text(page.text(pools(place))),
                replicas(place),
                _p99(line, place),
                _cost(line) if first else "",
            )
    page.console.print(table)
    page.rest(document.models)
    sources = list(dict.fromkeys(p.prediction_source for m in document.models for p in m.places if p.prediction_source))
    if sources:
        page.console.print(Text("p99: predicted / objective. Predictions rest on:", style="dim"))
        for source in page.first(sources):
            page.item(source, "dim")
        page.rest(sources)


def _name(line: ModelLine, page: Page) -> Text:
    name = Text(page.text(line.model))
    name.append(f"\n  {page.text(line.department)}", style="dim")
    return name


def pools(place: ModelPlace) -> str:
    """``l4 + l4-spot``"""
    if place.pool is None:
        return "no GPU"
    return f"{place.pool} + {place.overflow_pool}" if place.overflow_pool else place.pool


def replicas(place: ModelPlace) -> str:
    """``2-6``, or one number when it never changes."""
    fixed = place.min_replicas == place.max_replicas
    return str(place.min_replicas) if fixed else f"{place.min_replicas}-{place.max_replicas}"


def p99(line: ModelLine, place: ModelPlace) -> str:
    """``38 / 80``: predicted and promised milliseconds, ``?`` for what is not known."""
    if place.predicted_p99_ms is None and line.objective_p99_ms is None:
        return "-"
    predicted = "?" if place.predicted_p99_ms is None else f"{place.predicted_p99_ms:.3g}"
    promised = "?" if line.objective_p99_ms is None else f"{line.objective_p99_ms:g}"
    return f"{predicted} / {promised}"


def _p99(line: ModelLine, place: ModelPlace) -> Text:
    late = (
        place.predicted_p99_ms is not None
        and line.objective_p99_ms is not None
        and place.predicted_p99_ms > line.objective_p99_ms
    )
    return Text(p99(line, place), style="red" if late else "")


def _cost(line: ModelLine) -> str:
    return "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
