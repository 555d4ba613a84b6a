"""Dollars by department: the chart, the table it stands on, budgets, every line with its source."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ...page.element import bullets, safe, table
from ..conclusion import counted
from ..money import dollars, share_percent
from ..plan import BudgetLine, PlanDocument
from ..unpriced import percentage, priced, to_declare, unpriced_by_reason

_LINES_SHOWN = 2000


def costs_section(document: PlanDocument) -> Iterator[str]:
    costs = document.costs
    yield '<section id="costs"><h2>Costs</h2>\n'
    yield f'<p class="lead">{dollars(costs.total)} a month, of which {dollars(costs.shared)} shared by all and '
    yield f"{dollars(costs.idle)} idle; at most {dollars(costs.at_max)} with every autoscaler at its maximum.</p>\n"
    yield '<div class="chart" id="chart-costs" role="img" aria-label="Dollars a month by department, with budgets; '
    yield 'the same figures are in the tables below"></div>\n'
    yield '<div class="chart" id="chart-shares" role="img" aria-label="Shares of the total by department and kind of '
    yield 'resource"></div>\n'
    heads = (("For", ""), ("$ a month", "num"), ("Share", "num"))
    yield from table(heads, _department_rows(document), "Dollars a month by department")
    yield from _budgets(document)
    share = costs.priced_share
    yield f"<p>Priced: {priced(share)}; {percentage(share['dollars'])} of the "
    yield "dollars rest on a sourced price, the rest on assumptions.</p>\n"
    if costs.assumptions:
        number = counted(len(costs.assumptions), "assumption", "assumptions")
        yield f"<details><summary>{number} that the figures rest on</summary>\n"
        yield from bullets(costs.assumptions)
        yield "</details>\n"
    if costs.unpriced:
        yield f"<details open><summary>Unpriced, so not in the total ({len(costs.unpriced):,})</summary>\n"
        yield from bullets(unpriced_by_reason(document), "warn")
        sentence, lines = to_declare(document)
        if lines:
            block = "\n".join(lines)
            yield f'<p>{safe(sentence)}</p>\n<pre tabindex="0">{safe(block)}</pre>\n'
        yield "</details>\n"
    yield from _lines(document)
    yield "</section>\n"


def _department_rows(document: PlanDocument) -> Iterator[tuple[str, str, str]]:
    costs = document.costs
    models: dict[str, list[tuple[str, Decimal]]] = {}
    for (department, model), usd in sorted(costs.models.items()):
        if model:
            models.setdefault(department, []).append((model, usd))
    for department, amount in sorted(costs.departments.items()):
        yield safe(department), dollars(amount), share_percent(amount, costs.total).replace("<", "&lt;")
        for model, usd in models.get(department, ())[:50]:
            yield f'<span class="sub">{safe(model)}</span>', f'<span class="quiet">{dollars(usd)}</span>', ""
    for name, amount in (("shared by all", costs.shared), ("idle capacity", costs.idle)):
        yield name, dollars(amount), share_percent(amount, costs.total).replace("<", "&lt;")
    yield "<strong>total</strong>", f"<strong>{dollars(costs.total)}</strong>", ""


def _budgets(document: PlanDocument) -> Iterator[str]:
    if not document.budgets:
        return
    yield '<h3>Budgets</h3>\n<ul class="budgets">\n'
    for line in document.budgets:
        name = "whole environment" if line.department == "all" else line.department
        yield f'<li class="{safe(line.outcome)}"><span class="who">{safe(name)}</span>'
        yield f'<span class="bar" aria-hidden="true"><i style="width:{_percent(line)}%"></i></span>'
        yield f'<span class="what">{share_percent(line.estimated_usd, line.budget_usd).replace("<", "&lt;")} of '
        yield f'{dollars(line.budget_usd)} <b class="outcome">{safe(line.outcome)}</b></span>'
        if line.outcome != "pass":
            yield f'<span class="why">{safe(line.sentence)}</span>'
        yield "</li>\n"
    yield "</ul>\n"


def _percent(line: BudgetLine) -> int:
    if line.budget_usd <= 0:
        return 100
    return min(100, int(line.estimated_usd * 100 / line.budget_usd))


def _lines(document: PlanDocument) -> Iterator[str]:
    costs = document.costs
    lines = sorted(costs.lines, key=lambda line: (-line.usd, line.urn, line.what))
    yield f"<details><summary>{counted(len(lines), 'priced line', 'priced lines')}, each with its source</summary>\n"
    if len(lines) > _LINES_SHOWN:
        yield f'<p class="quiet">The {_LINES_SHOWN:,} largest; the JSON document has all.</p>\n'
    heads = (("What", ""), ("For", ""), ("Quantity", "num"), ("Price", "num"), ("$ a month", "num"), ("Source", ""))
    yield from table(
        heads,
        (
            (
                f'{safe(line.what)}<br><span class="quiet">{safe(line.urn.rpartition("::")[2])}</span>',
                safe(line.department or line.kind),
                f"{line.quantity:,.6g} {safe(line.unit)}",
                f"${line.unit_usd:,.6g}",
                dollars(line.usd),
                f'{safe(line.source)}<br><span class="quiet">{safe(line.assumed or line.source_date)}</span>',
            )
            for line in lines[:_LINES_SHOWN]
        ),
        "Priced lines",
    )
    yield "</details>\n"
