"""Which model runs where, with how many replicas, how fast and for how much."""

from __future__ import annotations

from rich.text import Text

from ..conclusion import counted
from ..model_text import (
    a_million,
    assumed,
    cold_start_assumptions,
    cold_starts,
    heads,
    late,
    needs,
    p99,
    pools,
    prediction_legend,
    prediction_sources,
    replicas,
    rollouts,
    serving,
    standing,
    where,
)
from ..money import dollars
from ..plan import ModelLine, PlanDocument
from .section import Page


def print_models(document: PlanDocument, page: Page) -> None:
    if not document.models:
        return
    page.heading("Models", counted(len(document.models), "model", "models"))
    table = page.table()
    table.add_column("model", overflow="fold", min_width=12)
    for head in heads(document.models):
        table.add_column(head, overflow="fold")
    table.add_column("replicas", justify="right", no_wrap=True)
    table.add_column("p99 ms", justify="right", no_wrap=True)
    table.add_column("$ a month", justify="right", no_wrap=True)
    for line in page.first(document.models):
        for position, place in enumerate(line.places):
            first = position == 0
            table.add_row(
                _name(line, page) if first else Text(),
                Text(page.text(where(place))),
                _below(page.text(pools(place)), needs(place)),
                replicas(place),
                Text(p99(line, place), style="red" if late(line, place) else ""),
                _below(_cost(line), "\n".join(filter(None, (serving(line), a_million(line))))) if first else "",
            )
    page.console.print(table)
    page.rest(document.models)
    sources = prediction_sources(document.models)
    if sources:
        page.console.print(
            Text(
                f"p99: predicted / objective, {prediction_legend(document.models)}. needs: replicas, and how busy at "
                "the busiest time. Predictions rest on:",
                style="dim",
            )
        )
        for source in page.first(sources):
            page.item(source, "dim")
        page.rest(sources)
    _print_rollouts(document, page)
    _print_cold_starts(document, page)


def _print_rollouts(document: PlanDocument, page: Page) -> None:
    found = rollouts(document.models)
    if found:
        page.console.print(Text("Rollouts:", style="dim"))
    for line, rollout in page.first(found):
        page.item(f"{line.model}: {standing(rollout)}")
    page.rest(found)


def _print_cold_starts(document: PlanDocument, page: Page) -> None:
    found = cold_starts(document.models)
    if not found:
        return
    page.console.print(Text("Cold starts, until one more replica answers; assumed, not measured:", style="dim"))
    for named, start in page.first(found):
        page.item(f"{named}: {start.brief()}")
    page.rest(found)
    if page.full:
        page.console.print(Text("They rest on:", style="dim"))
        for each in cold_start_assumptions(document.models):
            page.item(assumed(each), "dim")


def _name(line: ModelLine, page: Page) -> Text:
    name = Text(page.text(line.model))
    name.append(f"\n  {page.text(line.department)}", style="dim")
    return name


def _below(text: str, detail: str) -> Text:
    written = Text(text)
    if detail:
        written.append(f"\n{detail}", "dim")
    return written


def _cost(line: ModelLine) -> str:
    return "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
