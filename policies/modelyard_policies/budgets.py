"""Monthly budgets of departments, against the estimate of the same resource list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from modelyard.cost import Assumptions, budget_verdict, estimate
from modelyard.graph import ResourceGraph

from modelyard_policies.resource_types import EVERYTHING
from modelyard_policies.rule import Finding, StackRule


def rules() -> list[StackRule]:
    return [
        StackRule(
            "budget",
            "A department's estimated month stays within its budget; in prod an estimate that cannot tell is not "
            "enough.",
            types=EVERYTHING,
            check=_check,
            settings={
                "tier": {"enum": ["dev", "staging", "prod"]},
                "budgets": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
                "assumptions": {"type": "object"},
            },
        )
    ]


def _check(graph: ResourceGraph, config: Mapping[str, Any]) -> Iterator[Finding]:
    budgets = config.get("budgets", {})
    if not budgets:
        return
    bill = estimate(graph, Assumptions.from_mapping(config.get("assumptions", {})))
    for department in sorted(budgets):
        verdict = budget_verdict(bill, department, Decimal(str(budgets[department])))
        sentence = verdict.sentence.removesuffix(".")
        if verdict.status == "fail":
            yield Finding(None, f"{sentence}; ask for less, or raise the department's monthly_budget_usd.")
        elif verdict.status == "undetermined" and config.get("tier", "prod") == "prod":
            yield Finding(None, f"{sentence}; declare an assumption or a price override for what has no price.")
