"""Assumptions from YAML and policy configuration: all problems at once, each with path, value and what is allowed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, InvalidAssumptions, PriceOverride


def test_a_full_declaration() -> None:
    found = Assumptions.from_mapping(
        {
            "hours_per_month": 720,
            "as_of": "2026-11-30",
            "nat_gb_per_month": 12.5,
            "spot_discount": {"g6": 0.6, "*": "0.5"},
            "price_overrides": [
                {"match": "aws/us-west-2/*", "usd": "0.0225", "unit": "hour", "reason": "as in us-east-1"}
            ],
        }
    )
    assert found.hours_per_month == 720
    assert found.as_of == date(2026, 11, 30)
    assert found.nat_gb_per_month == Decimal("12.5")
    assert found.discount("g6.xlarge") == Decimal("0.6")
    assert found.discount("g5.xlarge") == Decimal("0.5")
    assert found.price_overrides == (PriceOverride("aws/us-west-2/*", Decimal("0.0225"), "hour", "as in us-east-1"),)


def test_the_default_assumes_730_hours_and_nothing_else() -> None:
    assert Assumptions.from_mapping({}) == Assumptions()
    assert Assumptions().hours_per_month == 730
    assert Assumptions().discount("g6.xlarge") is None


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"nat_gb_per_month": -1}, "assumptions.nat_gb_per_month: -1 is not allowed; allowed is a number, 0 or more."),
        ({"registry_gb": "much"}, "assumptions.registry_gb: 'much' is not allowed; allowed is a number, 0 or more."),
        ({"registry_gb": True}, "assumptions.registry_gb: True is not allowed; allowed is a number, 0 or more."),
        ({"registry_gb": "nan"}, "assumptions.registry_gb: 'nan' is not allowed; allowed is a number, 0 or more."),
        ({"hours_per_month": 0}, "assumptions.hours_per_month: 0 is not a month; allowed is more than 0, at most 744."),
        ({"spot_discount": 60}, "assumptions.spot_discount: 60 is not allowed; allowed is a number from 0 to 1."),
        (
            {"spot_discount": {"g6": 2}},
            "assumptions.spot_discount.g6: 2 is not allowed; allowed is a number from 0 to 1.",
        ),
        ({"as_of": "soon"}, "assumptions.as_of: 'soon' is not a day; allowed is year-month-day, like 2026-11-30."),
        (
            {"price_overrides": {}},
            "assumptions.price_overrides: {} is not allowed; allowed is a list of match, usd, unit and reason.",
        ),
        (
            {"price_overrides": [{"match": "aws/*", "usd": 1, "unit": "hour"}]},
            "assumptions.price_overrides[0].reason: is missing; an override says match, usd, unit and reason.",
        ),
        (
            {"price_overrides": [{"match": "aws/*", "usd": 1, "unit": "hour", "resaon": "x", "reason": "y"}]},
            "assumptions.price_overrides[0].resaon: no key is called 'resaon'; known: match, reason, unit, usd."
            " Did you mean 'reason'?",
        ),
    ],
)
def test_what_is_refused(declared: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidAssumptions) as caught:
        Assumptions.from_mapping(declared)
    assert str(caught.value) == message


def test_an_unknown_key_names_the_nearest_and_all_problems_come_at_once() -> None:
    with pytest.raises(InvalidAssumptions) as caught:
        Assumptions.from_mapping({"nat_gb": 1, "registry_gb": -2}, path="platform.costs.assumptions")
    first, second = caught.value.problems
    assert first.startswith("platform.costs.assumptions.nat_gb: no assumption is called 'nat_gb'; known: as_of, ")
    assert first.endswith("Did you mean 'nat_gb_per_month'?")
    assert second == "platform.costs.assumptions.registry_gb: -2 is not allowed; allowed is a number, 0 or more."
