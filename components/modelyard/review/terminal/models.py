"""Which model runs where, with how many replicas, how fast and for how much."""

from __future__ import annotations

from rich.text import Text

from ..conclusion import counted
from ..model_text import p99, pools, replicas
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


def _p99(line: ModelLine, place: ModelPlace) -> Text:
    late = (
        place.predicted_p99_ms is not None
        and line.objective_p99_ms is not None
        and place.predicted_p99_ms > line.objective_p99_ms
    )
    return Text(p99(line, place), style="red" if late else "")


def _cost(line: ModelLine) -> str:
    return "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
