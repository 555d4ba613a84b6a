"""What a reader is told first: the deciding figures, and what to do next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from modelyard.review.conclusion import conclusion
from modelyard.review.plan import BudgetLine, PlanDocument
from modelyard.review.policy_groups import grouped
from modelyard.review.summary import facts, next_steps
from modelyard.review.verdicts import Verdict

from .retailer import BUDGETS, DEPLOYMENT_URN, VERDICTS, retailer

LATE = Verdict(
    "replicas",
    "advisory",
    DEPLOYMENT_URN,
    "can't run policy 'replicas' from policy pack 'modelyard@v1' during preview: value at .spec can't be known",
    "Replicas",
    undecided=True,
)
UNDETERMINED = replace(BUDGETS[2], broken=True)
WHOLE = BudgetLine("all", BUDGETS[0].budget_usd, BUDGETS[0].budget_usd + 1, "fail", "prod is over", True)


def fine() -> PlanDocument:
    document = retailer(policies=(), budgets=BUDGETS[:1], notices=())
    return replace(document, costs=replace(document.costs, unpriced=()))


def test_a_fine_plan_is_ready_to_be_deployed() -> None:
    assert next_steps(fine()) == ["deploy with 'pulumi up -s prod-foundation', then prod-merchandising"]
    assert ("1 of 1", "budgets hold") in facts(fine())
    assert ("4 of 4", "policies hold") in facts(fine())


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        (
            {"budgets": (UNDETERMINED,)},
            "price what supply-chain has unpriced: its budget cannot be judged before",
        ),
        (
            {"budgets": (WHOLE,)},
            "make the environment cheaper by $1.00 a month, or raise monthly_budget_usd to 14001 in prod/platform.yaml",
        ),
        ({"policies": VERDICTS[1:] * 3}, "satisfy the policy image-pinned, which 1 resource breaks"),
        (
            {"policies": tuple(replace(VERDICTS[1], policy=f"p{number}") for number in range(7))},
            "satisfy the policy p0, which 1 resource breaks",
        ),
        ({"policies": VERDICTS[:1]}, "consider the advice of replicas"),
        ({"notices": ("a", "b")}, "read 2 notices"),
    ],
)
def test_what_stands_in_the_way_comes_first(changes: dict, step: str) -> None:
    steps = next_steps(replace(fine(), **changes))
    assert steps[0] == step
    broken = "budgets" in changes or any(verdict.level == "mandatory" for verdict in changes.get("policies", ()))
    assert steps[-1].startswith("deploy with") is not broken


def test_many_broken_policies_are_counted() -> None:
    policies = tuple(replace(VERDICTS[1], policy=f"p{number}") for number in range(7))
    assert next_steps(replace(fine(), policies=policies))[-1] == "satisfy 2 more mandatory policies"


def test_a_policy_that_waits_for_a_value_neither_holds_nor_advises() -> None:
    document = replace(fine(), policies=(LATE,))
    assert ("3 of 4", "policies hold, 1 cannot be judged before 'pulumi up'") in facts(document)
    assert conclusion(document) == "Fine: no mandatory policy and no budget is broken."
    (group,) = grouped(document.policies)
    (finding,) = group.findings()
    assert (group.standing, finding.message) == (
        "undecided", "cannot be judged before 'pulumi up': value at .spec can't be known",
    )  # fmt: skip


def test_a_policy_that_found_something_is_not_called_undecided() -> None:
    document = replace(fine(), policies=(LATE, VERDICTS[0]))
    assert ("3 of 4", "policies hold") in facts(document)
    assert [group.standing for group in grouped(document.policies)] == ["advisory", "undecided"]
