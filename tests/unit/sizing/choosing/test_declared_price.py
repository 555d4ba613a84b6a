"""Prices that somebody declares decide like those of the catalogue, and are said."""

from decimal import Decimal

import pytest
from modelyard.environment.cost_assumptions import PriceOverride
from modelyard.sizing.choosing.declared_price import with_declared_prices

from .served import machine, serverless
from .test_choose import NIGHTS, by_kind, choice

KEPT = "aws/us-east-1/SageMaker Serverless Inference/provisioned concurrency*"


def override(match: str, usd: str, unit: str = "hour") -> PriceOverride:
    return PriceOverride(match=match, usd=Decimal(usd), unit=unit, reason="an offer to this test")


@pytest.mark.parametrize(
    ("match", "target"),
    [
        ("aws/us-east-1/SageMaker real-time inference/ml.x", "sagemaker"),
        ("aws/us-east-1/SageMaker real-time inference", "sagemaker"),
        ("gcp/*/Vertex AI prediction/ml.x", "vertex"),
        ("azure/us-east-1/ml.x/on_demand", "azureml"),
        ("azure/us-east-1/ml.x", "azureml"),
    ],
)
def test_a_machine_that_has_no_price_gets_the_declared_one(match, target):
    (place,) = with_declared_prices([machine(None, target=target)], [override(match, "0.05")])
    assert place.price is not None
    assert (place.price.usd, place.unpriced) == (Decimal("0.05"), "")


@pytest.mark.parametrize(
    "declared",
    [
        override("aws/eu-west-1/SageMaker real-time inference/ml.x", "0.05"),
        override("aws/us-east-1/SageMaker real-time inference/ml.x", "0.05", "second"),
        override("gcp/us-east-1/Vertex AI prediction/ml.x", "0.05"),
    ],
)
def test_what_means_something_else_changes_nothing(declared):
    before = [machine(), machine(target="kubernetes"), serverless()]
    assert with_declared_prices(before, [declared]) == tuple(before)


def test_a_warm_floor_with_a_declared_price_is_compared_and_may_win():
    (place,) = with_declared_prices([serverless("0.00004")], [override(KEPT, "0.00001", "second")])
    found = choice(NIGHTS, [place])
    # 6.26 for the requests, and one container all month: 2,628,000 s at 0.00001.
    assert by_kind(found)["serverless_with_warm_floor"].usd_per_month == Decimal("32.54")
    assert (
        "aws/us-east-1/SageMaker Serverless Inference/provisioned concurrency, memory 2048 MB costs 0.00001 USD a "
        "second: an offer to this test"
    ) in found.assumptions
