"""What a Budget makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from modelyard.cost.budget import Budget

from .program import PLATFORM, TOYS, graph_of, one, refusal

BUDGET = "aws:budgets/budget:Budget"
PROD = {"tags": {"key": "environment", "values": ["prod"]}}


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"monthly_usd": 1200.5, "ownership": TOYS.args(), **args}
        Budget("prod-toys", arguments, opts)

    return declare


@pytest.mark.parametrize(
    ("args", "name", "counted"),
    [
        ({}, "prod-toys", {"ands": [PROD, {"tags": {"key": "department", "values": ["toys"]}}]}),
        ({"whole_environment": True, "ownership": PLATFORM.args()}, "prod-platform", PROD),
    ],
)
def test_what_is_counted(args: dict[str, Any], name: str, counted: dict[str, Any]) -> None:
    """Only an expression asks for two tags at once; the provider wants its metric with it and no cost filters."""
    budget = one(graph_of(declared(**args)), BUDGET).inputs
    assert budget["name"] == name
    assert budget["filterExpression"] == counted
    assert budget["metrics"] == "UnblendedCost"
    assert {"costFilters", "costTypes"}.isdisjoint(budget)
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("1200.50", "USD", "MONTHLY")


def test_the_owner_hears_of_it_in_time() -> None:
    notifications = one(graph_of(declared()), BUDGET).inputs["notifications"]
    assert [(one_of["notificationType"], one_of["threshold"]) for one_of in notifications] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    for one_of in notifications:
        assert one_of["subscriberEmailAddresses"] == [TOYS.owner]
        assert (one_of["comparisonOperator"], one_of["thresholdType"]) == ("GREATER_THAN", "PERCENTAGE")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"monthly_usd": -5}, "monthly_usd: -5 is not an amount of dollars above 0"),
        ({"monthly_usd": float("nan")}, "monthly_usd: must be a number, not nan"),
        (
            {"monthly": 5},
            "monthly: 'monthly' is not an argument; did you mean 'monthly_usd'? "
            "Allowed: monthly_usd, whole_environment, ownership",
        ),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"Budget prod-toys: {message}"
