"""Budget verdicts: pass, fail, or undetermined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from modelyard.cost.charge import Unpriced
from modelyard.cost.estimate import Estimate

Status: TypeAlias = Literal["pass", "fail", "undetermined"]


@dataclass(frozen=True, slots=True)
class Verdict:
    status: Status
    sentence: str
    department: str
    usd: Decimal
    """What is priced for the department."""
    budget_usd: Decimal


def budget_verdict(estimate: Estimate, department: str, monthly_budget_usd: Decimal | float | str) -> Verdict:
    """Whether a department's own dollars a month keep within its budget; shared and idle dollars are not its own.

    More than the budget fails, whatever is unpriced: what has no price only adds. Otherwise it is undetermined while
    anything of the department has no price.
    """
    budget = Decimal(str(monthly_budget_usd))
    spent = estimate.departments.get(department, Decimal("0.00"))
    gaps = [each for each in estimate.unpriced if each.department == department]
    figures = f"{department}: {spent:,.2f} USD a month of {budget:,.2f} USD"
    if spent > budget:
        more = f", and {_counted(gaps)} no price" if gaps else ""
        over = f"{figures}: over the budget by {spent - budget:,.2f} USD{more}."
        return Verdict("fail", over, department, spent, budget)
    if gaps:
        first = gaps[0]
        reason = f"{figures} is priced, but {_counted(gaps)} no price, first {first.what}: {first.reason}."
        return Verdict("undetermined", reason, department, spent, budget)
    return Verdict("pass", f"{figures}: within the budget.", department, spent, budget)


def _counted(gaps: Sequence[Unpriced]) -> str:
    return "1 item has" if len(gaps) == 1 else f"{len(gaps)} items have"
