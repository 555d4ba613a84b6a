"""The plan document as markdown for a pull request's comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..visible_text import one_line
from .change_markdown import changes_markdown
from .choice_markdown import choices_markdown
from .conclusion import conclusion, counted
from .model_text import (
    assumed,
    cold_start_assumptions,
    cold_starts,
    heads,
    needed,
    p99,
    pools,
    replicas,
    rollouts,
    serving,
    standing,
    usd_per_million,
    where,
)
from .money import dollars, share_percent
from .placement_markdown import placement_markdown
from .plan import BudgetLine, PlanDocument, StackPlan
from .policy_groups import grouped, holding
from .resource_tree import Branch, branches, kind
from .summary import next_steps
from .unpriced import percentage, priced, to_declare, unpriced_by_reason

_MEANING = re.compile(r"([\\`*_{}\[\]<>|~$&!])")
_START = re.compile(r"^(?:([-+=])|(\d+)([.)]))")
_LINKS = re.compile(r"(?i)\b(https?(?=:)|www(?=\.))|([@#](?=\w))")
_COMMENT_LIMIT = 60_000
"""Characters; GitHub refuses comments past 65,536, and a bot adds its own words."""
_SHOWN = 30
_FINDINGS = 10


def to_markdown(document: PlanDocument) -> str:
    """Totals, budgets, findings, what is unpriced and a collapsed list of resources; short enough for a comment.

    Every name is escaped, so that none can format the comment, mention a person or make a link.
    """
    head = "".join(_head(document))
    lists = "".join(_resources(document, _COMMENT_LIMIT - len(head)))
    return head + lists


def _head(document: PlanDocument) -> Iterator[str]:
    yield f"## Plan of {escaped(document.environment)}: {dollars(document.costs.total)} a month\n\n"
    yield f"**{escaped(conclusion(document))}**\n\n"
    yield (
        f"Tier {escaped(document.tier)}, {counted(len(document.stacks), 'stack', 'stacks')}, "
        f"{counted(document.resource_count(), 'resource', 'resources')}.\n\n"
    )
    steps = next_steps(document)
    if steps:
        yield "Next:\n\n"
    for step in steps:
        yield f"- {escaped(step)}\n"
    yield "\n"
    yield from changes_markdown(document, escaped)
    yield from _costs(document)
    yield from _policies(document)
    yield from _models(document)
    yield from placement_markdown(document, escaped)
    yield from choices_markdown(document, escaped)
    yield from _sentences("Notices", document.notices)
    yield from _sentences(
        f"Unpriced, so not in the total: {len(document.costs.unpriced):,}", unpriced_by_reason(document)
    )
    yield from _declarations(document)
    yield from _sentences("Assumed", document.costs.assumptions)


def _costs(document: PlanDocument) -> Iterator[str]:
    costs = document.costs
    budgets = {line.department: line for line in document.budgets}
    yield "### Costs\n\n| For | $ a month | Share | Budget |\n|---|--:|--:|---|\n"
    names = sorted(costs.departments)
    for name in names[:_SHOWN]:
        yield _cost_row(escaped(name), costs.departments[name], document, _budget(budgets.get(name)))
    if len(names) > _SHOWN:
        rest = sum((costs.departments[name] for name in names[_SHOWN:]), Decimal(0))
        yield _cost_row(f"{len(names) - _SHOWN:,} more departments", rest, document, "")
    yield _cost_row("shared by all", costs.shared, document, "")
    yield _cost_row("idle capacity", costs.idle, document, "")
    yield f"| **total** | **{dollars(costs.total)}** | | {_budget(budgets.get('all'))} |\n\n"
    share = costs.priced_share
    yield f"At most {dollars(costs.at_max)} with every autoscaler at its maximum.\n\n"
    yield (
        f"Priced: {priced(share)}; {percentage(share['dollars'])} of the "
        "dollars rest on a sourced price, the rest on assumptions.\n\n"
    )
    for line in document.budgets[:_SHOWN]:
        if line.outcome != "pass":
            yield f"- {escaped(line.sentence)}\n"
    yield "\n"


def _cost_row(name: str, amount: Decimal, document: PlanDocument, budget: str) -> str:
    return f"| {name} | {dollars(amount)} | {escaped(share_percent(amount, document.costs.total))} | {budget} |\n"


def _budget(line: BudgetLine | None) -> str:
    if line is None:
        return ""
    return (
        f"{line.outcome}: {escaped(share_percent(line.estimated_usd, line.budget_usd))} of {dollars(line.budget_usd)}"
    )


def _models(document: PlanDocument) -> Iterator[str]:
    if not document.models:
        return
    first, second = (head.capitalize() for head in heads(document.models))
    yield f"### Models\n\n| Model | {first} | {second} | Replicas | Needed | p99 ms, predicted / promised | $ a month "
    yield "| $ a million |\n|---|---|---|--:|--:|--:|--:|--:|\n"
    for line in document.models[:_SHOWN]:
        for position, place in enumerate(line.places):
            name = f"{escaped(line.department)}/{escaped(line.model)}" if position == 0 else ""
            cost = "" if position else "unpriced" if line.monthly_usd is None else dollars(line.monthly_usd)
            part = "" if position else serving(line)
            yield (
                f"| {name} | {escaped(where(place))} | {escaped(pools(place))} | {replicas(place)} "
                f"| {escaped(needed(place))} | {escaped(p99(line, place))} | {cost}{f' ({part})' if part else ''} "
                f"| {'' if position else usd_per_million(line)} |\n"
            )
    if len(document.models) > _SHOWN:
        yield f"\nand {len(document.models) - _SHOWN:,} more models.\n"
    yield "\n"
    yield from _listed("Rollouts", [f"{line.model}: {standing(each)}" for line, each in rollouts(document.models)])
    starts = [f"{named}: {start.brief()}" for named, start in cold_starts(document.models)]
    yield from _listed("Cold starts, until one more replica answers (assumed, not measured)", starts)
    yield from _sentences("Cold starts rest on", [assumed(each) for each in cold_start_assumptions(document.models)])


def _listed(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if not sentences:
        return
    yield f"{title}:\n\n"
    yield from _items(sentences)
    yield "\n"


def _items(sentences: Sequence[str]) -> Iterator[str]:
    for sentence in sentences[:_SHOWN]:
        yield f"- {escaped(sentence)}\n"
    if len(sentences) > _SHOWN:
        yield f"- and {len(sentences) - _SHOWN:,} more\n"


def _policies(document: PlanDocument) -> Iterator[str]:
    hold = holding(document)
    yield "### Policies\n\n"
    if document.policies_checked:
        yield f"{len(hold)} of {len(document.policies_checked)} hold.\n\n"
    for group in grouped(document.policies)[:_SHOWN]:
        yield f"- **{escaped(group.standing)}** {escaped(group.policy)}\n"
        findings = group.findings()
        for finding in findings[:_FINDINGS]:
            yield f"  - {escaped(finding.about)}: {escaped(finding.message)}\n"
        if len(findings) > _FINDINGS:
            yield f"  - and {len(findings) - _FINDINGS:,} more\n"
    yield "\n"


def _sentences(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if not sentences:
        return
    yield f"<details><summary>{title}</summary>\n\n"
    yield from _items(sentences)
    yield "\n</details>\n\n"


def _declarations(document: PlanDocument) -> Iterator[str]:
    sentence, lines = to_declare(document)
    if lines:
        yield "<details><summary>What would price them</summary>\n\n"
        yield f"{escaped(sentence)}\n\n```yaml\n"
        yield "\n".join(lines)
        yield "\n```\n\n</details>\n\n"


def _resources(document: PlanDocument, room: int) -> Iterator[str]:
    for stack in document.stacks:
        text = "".join(_stack(stack))
        if len(text) > room:
            yield f"\nThe resources of {escaped(stack.name)} are too many for a comment; the JSON document has them.\n"
            continue
        room -= len(text)
        yield text


def _stack(stack: StackPlan) -> Iterator[str]:
    top = branches(stack.graph)
    number = sum(branch.deployed for branch in top)
    yield f"<details><summary>{counted(number, 'resource', 'resources')} of {escaped(stack.name)}</summary>\n\n"
    for branch in top:
        yield from _branch(branch, 0)
    yield "\n</details>\n"


def _branch(branch: Branch, depth: int) -> Iterator[str]:
    resource = branch.resource
    if depth > 8 or resource.type.startswith("pulumi:providers:"):
        return
    yield f"{'  ' * depth}- {escaped(kind(resource.type))} {escaped(resource.name)}\n"
    for child in branch.children:
        yield from _branch(child, depth + 1)


def escaped(text: object) -> str:
    """The text with every character that markdown gives a meaning escaped. A word joiner, which nobody sees, keeps
    GitHub from making mentions, issue references and links of it, which no escape does."""
    line = _MEANING.sub(r"\\\1", one_line(text))
    line = _START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)
    return _LINKS.sub(lambda found: f"{found[0][:1]}\u2060{found[0][1:]}", line)
