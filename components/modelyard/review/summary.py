"""What a reader needs in ten seconds: the figures that decide, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from .conclusion import counted
from .money import dollars
from .plan import BUDGET_POLICY, BudgetLine, PlanDocument
from .policy_groups import grouped, holding, undecided
from .unpriced import percentage

_NAMED = 5
"""Policies that are named one by one among the next steps."""


def facts(document: PlanDocument) -> list[tuple[str, str]]:
    """Figures, each with the words that follow it: ``("4 of 4", "budgets hold")``."""
    costs = document.costs
    found = [
        (dollars(costs.total), "a month"),
        (dollars(costs.at_max), "at most, with every autoscaler at its maximum"),
    ]
    if document.budgets:
        hold = sum(1 for line in document.budgets if line.outcome == "pass")
        found.append((f"{hold} of {len(document.budgets)}", "budgets hold"))
    if document.policies_checked:
        late = len(undecided(document))
        told = f", {late} cannot be judged before 'pulumi up'" if late else ""
        found.append((f"{len(holding(document))} of {len(document.policies_checked)}", f"policies hold{told}"))
    if costs.unpriced:
        number = len(costs.unpriced)
        found.append((f"{number:,}", f"{'item is' if number == 1 else 'items are'} unpriced and not in the total"))
    else:
        found.append((percentage(costs.priced_share["resources"]), "of billable resources are priced"))
    number = len(document.stacks)
    found.append((f"{document.resource_count():,}", f"resources in {counted(number, 'stack', 'stacks')}"))
    return found


def next_steps(document: PlanDocument) -> list[str]:
    """What to do about the plan, the most urgent first; how to deploy it where nothing stands in the way."""
    return [*_repairs(document), *_improvements(document), *_deployment(document)]


def _repairs(document: PlanDocument) -> Iterator[str]:
    for line in document.broken_budgets:
        yield _budget_step(document, line)
    broken = [group for group in grouped(document.mandatory_violations) if group.policy != BUDGET_POLICY]
    for group in broken[:_NAMED]:
        number = len({verdict.urn for verdict in group.verdicts})
        yield f"satisfy the policy {group.policy}, which {counted(number, 'resource breaks', 'resources break')}"
    if len(broken) > _NAMED:
        yield f"satisfy {counted(len(broken) - _NAMED, 'more mandatory policy', 'more mandatory policies')}"


def _budget_step(document: PlanDocument, line: BudgetLine) -> str:
    inside = "platform.yaml" if line.department == "all" else f"departments/{line.department}.yaml"
    who = "the environment" if line.department == "all" else line.department
    if line.outcome == "undetermined":
        return f"price what {who} has unpriced: its budget cannot be judged before"
    enough = line.estimated_usd.quantize(Decimal(1), ROUND_CEILING)
    return (
        f"make {who} cheaper by {dollars(line.estimated_usd - line.budget_usd)} a month, or raise monthly_budget_usd "
        f"to {enough} in {document.environment}/{inside}"
    )


def _improvements(document: PlanDocument) -> Iterator[str]:
    if document.costs.unpriced:
        number = counted(len(document.costs.unpriced), "unpriced item", "unpriced items")
        yield f"declare prices or quantities of {number} under costs in {document.environment}/platform.yaml"
    advice = [group for group in grouped(document.policies) if group.level != "mandatory" and not group.undecided]
    if advice:
        yield f"consider the advice of {', '.join(group.policy for group in advice[:_NAMED])}"
    if document.notices:
        yield f"read {counted(len(document.notices), 'notice', 'notices')}"


def _deployment(document: PlanDocument) -> Iterator[str]:
    if document.broken or not document.stacks:
        return
    first, *rest = (stack.name for stack in document.stacks)
    then = f", then {', '.join(rest[:_NAMED])}{' and the others' if len(rest) > _NAMED else ''}" if rest else ""
    yield f"deploy with 'pulumi up -s {first}'{then}"
