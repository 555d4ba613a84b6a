"""Dollars a month by department, budgets as bars, and what the figures rest on."""

from __future__ import annotations

from decimal import Decimal

from rich.text import Text

from ..conclusion import counted
from ..money import dollars, share_percent
from ..plan import BudgetLine, PlanDocument
from ..unpriced import percentage, priced, to_declare, unpriced_by_reason
from .section import SHOWN, Page

_BAR_CELLS = 24
_OUTCOME_STYLES = {"pass": "green", "fail": "bold red", "undetermined": "yellow"}


def print_costs(document: PlanDocument, page: Page) -> None:
    page.heading("Costs", "US dollars a month")
    _print_departments(document, page)
    _print_budgets(document, page)


def _print_departments(document: PlanDocument, page: Page) -> None:
    costs = document.costs
    table = page.table()
    table.add_column("for", overflow="fold")
    table.add_column("$ a month", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    for department in page.first(sorted(costs.departments)):
        amount = costs.departments[department]
        table.add_row(Text(page.text(department)), dollars(amount), share_percent(amount, costs.total))
        mine = [(model, usd) for (owner, model), usd in sorted(costs.models.items()) if owner == department and model]
        for model, usd in page.first(mine):
            table.add_row(Text(f"  {page.text(model)}", style="dim"), Text(dollars(usd), style="dim"), "")
    hidden = [] if page.full else sorted(costs.departments)[SHOWN:]
    if hidden:
        amount = sum((costs.departments[name] for name in hidden), Decimal(0))
        label = page.text(f"… {counted(len(hidden), 'more department', 'more departments')}")
        table.add_row(label, dollars(amount), share_percent(amount, costs.total))
    table.add_row("shared by all", dollars(costs.shared), share_percent(costs.shared, costs.total))
    table.add_row("idle capacity", dollars(costs.idle), share_percent(costs.idle, costs.total))
    table.add_section()
    table.add_row(Text("total", style="bold"), Text(dollars(costs.total), style="bold"), "")
    page.console.print(table)
    page.console.print(Text(f"At most {dollars(costs.at_max)} with every autoscaler at its maximum.", style="dim"))


def _print_budgets(document: PlanDocument, page: Page) -> None:
    if not document.budgets:
        return
    page.console.print()
    table = page.table()
    table.add_column("budget", overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("used", justify="right", no_wrap=True)
    table.add_column("of", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    lines = page.first(document.budgets)
    for line in lines:
        style = _OUTCOME_STYLES.get(line.outcome, "")
        table.add_row(
            Text(page.text("whole environment" if line.department == "all" else line.department)),
            Text(_bar(line, page), style=style),
            share_percent(line.estimated_usd, line.budget_usd),
            dollars(line.budget_usd),
            Text(line.outcome, style=style),
        )
    page.console.print(table)
    page.rest(document.budgets)
    for line in lines:
        if line.outcome != "pass":
            page.item(line.sentence, _OUTCOME_STYLES.get(line.outcome, ""))


def _bar(line: BudgetLine, page: Page) -> str:
    filled = min(_BAR_CELLS, int(line.estimated_usd * _BAR_CELLS / line.budget_usd)) if line.budget_usd > 0 else 0
    if line.estimated_usd > 0:
        filled = max(1, filled)
    full, empty = ("#", ".") if page.ascii_only else ("█", "░")
    return full * filled + empty * (_BAR_CELLS - filled)


def print_basis(document: PlanDocument, page: Page) -> None:
    """What the dollars rest on: prices, assumptions, and what has no price."""
    costs = document.costs
    share = costs.priced_share
    page.heading("Prices")
    page.console.print(
        Text(
            f"Priced: {priced(share)}; "
            f"{percentage(share['dollars'])} of the dollars rest on a sourced price, the rest on assumptions."
        )
    )
    if costs.assumptions:
        page.console.print(Text("Assumed:"))
        for assumption in page.first(list(costs.assumptions)):
            page.item(assumption)
        page.rest(list(costs.assumptions))
    if costs.unpriced:
        page.console.print(Text(f"Unpriced, so not in the total ({len(costs.unpriced):,}):", style="yellow"))
        reasons = unpriced_by_reason(document)
        for sentence in page.first(reasons):
            page.item(sentence)
        page.rest(reasons)
        _print_declarations(document, page)


def _print_declarations(document: PlanDocument, page: Page) -> None:
    """As it can be copied: no line is wrapped or led by anything."""
    sentence, lines = to_declare(document)
    if not lines:
        return
    page.console.print()
    page.console.print(Text(page.text(sentence)))
    for line in lines:
        page.console.print(Text(line, style="dim", no_wrap=True), soft_wrap=True)
