"""The budget rule: the estimate of the same resource list against what was declared."""

from __future__ import annotations

from decimal import Decimal

import pytest
from modelyard.cost import Assumptions, budget_verdict, estimate
from modelyard.graph import Resource
from modelyard_policies.config import for_environment

from .recorded import TAGS, graph, resource, verdicts

NAT = "aws:ec2/natGateway:NatGateway"


def gateway(department: str = "merchandising") -> Resource:
    return resource(NAT, {"subnetId": "subnet-1", "tags": {**TAGS, "department": department}}, department)


ASSUMED = {"nat_gb_per_month": 100}


@pytest.mark.parametrize(
    ("tier", "budget", "assumptions", "status", "reported"),
    [
        ("prod", 1000, ASSUMED, "pass", False),
        ("prod", 1, ASSUMED, "fail", True),
        ("dev", 1, ASSUMED, "fail", True),
        ("prod", 1000, {}, "undetermined", True),
        ("staging", 1000, {}, "undetermined", False),
    ],
)
def test_budget(tier: str, budget: int, assumptions: dict[str, int], status: str, reported: bool) -> None:
    recorded = graph(gateway())
    verdict = budget_verdict(
        estimate(recorded, Assumptions.from_mapping(assumptions)), "merchandising", Decimal(budget)
    )
    assert verdict.status == status
    config = for_environment(tier, None, {"merchandising": budget}, assumptions)
    found = verdicts("budget", recorded, config["budget"])
    assert [each.level for each in found] == ([config["budget"]["enforcementLevel"]] if reported else [])
    assert all(each.message.startswith(verdict.sentence.removesuffix(".")) for each in found)


def test_what_to_do_is_said() -> None:
    over = verdicts("budget", graph(gateway()), {"budgets": {"merchandising": "1"}, "assumptions": ASSUMED})
    assert over[0].message.endswith("; ask for less, or raise the department's monthly_budget_usd.")
    unpriced = verdicts("budget", graph(gateway()), {"budgets": {"merchandising": "1000"}})
    assert unpriced[0].message.endswith("; declare an assumption or a price override for what has no price.")


def test_another_departments_dollars_are_not_counted() -> None:
    config = {"budgets": {"merchandising": "1"}, "assumptions": ASSUMED}
    assert verdicts("budget", graph(gateway("supply-chain")), config) == []
