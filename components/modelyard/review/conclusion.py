"""The one sentence that a plan comes to."""

from __future__ import annotations

from .plan import BUDGET_POLICY, PlanDocument


def conclusion(document: PlanDocument) -> str:
    """Whether the environment may be deployed, and if not, what breaks."""
    violations = sum(1 for verdict in document.mandatory_violations if verdict.policy != BUDGET_POLICY)
    budgets = max(len(document.broken_budgets), len(document.mandatory_violations) - violations)
    if not document.broken:
        advice = sum(1 for verdict in document.policies if verdict.level != "mandatory" and not verdict.undecided)
        told = f", {counted(advice, 'advisory finding', 'advisory findings')}" if advice else ""
        return f"Fine: no mandatory policy and no budget is broken{told}."
    parts = []
    if violations:
        parts.append(counted(violations, "mandatory policy violation", "mandatory policy violations"))
    if budgets:
        parts.append(counted(budgets, "budget broken or undetermined", "budgets broken or undetermined"))
    return f"Broken: {' and '.join(parts)}."


def counted(number: int, one: str, many: str) -> str:
    """``1 resource``, ``1,020 resources``."""
    return f"{number:,} {one if number == 1 else many}"
