"""Costs: what a resource graph costs a month, for whom, and what of it has no price."""

from modelyard.cost.assumptions import Assumptions, InvalidAssumptions, PriceOverride
from modelyard.cost.charge import Unpriced
from modelyard.cost.estimate import Estimate, Line, estimate
from modelyard.cost.verdict import Verdict, budget_verdict

__all__ = [
    "Assumptions",
    "Estimate",
    "InvalidAssumptions",
    "Line",
    "PriceOverride",
    "Unpriced",
    "Verdict",
    "budget_verdict",
    "estimate",
]
