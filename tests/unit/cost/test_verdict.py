"""Budget verdicts: more than the budget fails, a gap leaves it open, and each says so in one sentence."""

from __future__ import annotations

import pytest
from modelyard.cost import budget_verdict, estimate
from modelyard.graph import Resource

from ..placement.plan import aws, graph, resource

OWN = {"tags": {"department": "merchandising"}}


def dashboard(number: int) -> Resource:
    return resource("aws:cloudwatch/dashboard:Dashboard", f"d{number}", OWN, provider=aws().urn)


BUCKET = resource("aws:s3/bucket:Bucket", "models", OWN, provider=aws().urn)
SHARED_KEY = resource("aws:kms/key:Key", "shared", {}, provider=aws().urn)


@pytest.mark.parametrize(
    ("resources", "budget", "status", "sentence"),
    [
        (
            [dashboard(1), SHARED_KEY],
            "3.00",
            "pass",
            "merchandising: 3.00 USD a month of 3.00 USD: within the budget.",
        ),
        ([], 1000, "pass", "merchandising: 0.00 USD a month of 1,000.00 USD: within the budget."),
        (
            [dashboard(1), dashboard(2)],
            5,
            "fail",
            "merchandising: 6.00 USD a month of 5.00 USD: over the budget by 1.00 USD.",
        ),
        (
            [dashboard(1), dashboard(2), BUCKET],
            5,
            "fail",
            "merchandising: 6.00 USD a month of 5.00 USD: over the budget by 1.00 USD, and 1 item has no price.",
        ),
        (
            [dashboard(1), BUCKET],
            5,
            "undetermined",
            "merchandising: 3.00 USD a month of 5.00 USD is priced, but 1 item has no price, first objects: it depends "
            "on use; declare the assumption model_store_gb to price it.",
        ),
    ],
)
def test_verdicts(resources: list[Resource], budget: float | str, status: str, sentence: str) -> None:
    verdict = budget_verdict(estimate(graph(aws(), *resources)), "merchandising", budget)
    assert (verdict.status, verdict.sentence) == (status, sentence)
