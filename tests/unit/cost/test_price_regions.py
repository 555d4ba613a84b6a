"""Prices that one region lends to another, and the block of declarations that leaves nothing unpriced."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from modelyard.catalog.price_regions import nearest_first
from modelyard.cost import Assumptions, InvalidAssumptions, estimate
from modelyard.cost.declarations import declarations, quantities
from modelyard.environment.cost_assumptions import CostAssumptions

from ..placement.plan import aws, graph, resource
from .figures import conserved, nat, usd

AZURE_NAT = resource("azure-native:network:NatGateway", "out", {"location": "northeurope"})
STORE = resource("azure-native:storage:StorageAccount", "store", {"location": "northeurope"})
FLOW_LOG = resource("azure-native:network:FlowLog", "flows", {"location": "northeurope"})


def declared(**costs: Any) -> Assumptions:
    return Assumptions.from_mapping(costs)


def test_a_missing_price_is_taken_from_the_region_that_is_declared() -> None:
    assumptions = declared(price_regions={"aws/ap-southeast-1": "us-east-1"}, nat_gb_per_month=100)
    found = estimate(graph(*nat("ap-southeast-1")), assumptions)
    # 730 x 0.045 and 100 x 0.045
    assert found.total == usd("37.35")
    assert not found.unpriced
    assert {line.assumed for line in found.lines} == {
        "price of NAT Gateway (gateway) in ap-southeast-1 is taken from us-east-1",
        "price of NAT Gateway (data processed) in ap-southeast-1 is taken from us-east-1; nat_gb_per_month: 100",
    }
    assert "prices of aws/ap-southeast-1 that the catalog lacks are taken from us-east-1" in found.assumptions
    assert found.priced_share["dollars"] == 0.0
    conserved(found)


def test_a_price_of_the_region_itself_comes_first_and_lenders_are_asked_in_order() -> None:
    assumptions = declared(price_regions={"aws/eu-central-1": ["us-west-2", "us-east-1"]}, nat_gb_per_month=100)
    found = estimate(graph(*nat("eu-central-1")), assumptions)
    assert [(line.unit_usd, line.assumed) for line in found.lines] == [
        (Decimal("0.052"), None),
        (
            Decimal("0.045"),
            "price of NAT Gateway (data processed) in eu-central-1 is taken from us-west-2; nat_gb_per_month: 100",
        ),
    ]


def test_a_machine_takes_the_price_of_another_region_too() -> None:
    provider = aws("ap-southeast-1")
    machine = resource("aws:ec2/instance:Instance", "it", {"instanceType": "c7i.xlarge"}, provider=provider.urn)
    alone = estimate(graph(provider, machine))
    assert alone.total == 0
    assert [each.remedies[0].regions[0] for each in alone.unpriced if each.what == "instance"] == ["us-east-1"]
    lent = estimate(graph(provider, machine), declared(price_regions={"aws/ap-southeast-1": ["us-east-1"]}))
    # 730 x 0.1785
    assert lent.total == usd("130.31")
    assert lent.lines[0].assumed == "price of c7i.xlarge in ap-southeast-1 is taken from us-east-1"


def test_what_lacks_a_quantity_and_a_price_says_both() -> None:
    found = estimate(graph(FLOW_LOG))
    assert [each.reason for each in found.unpriced] == [
        "it depends on use; declare the assumption log_gb_per_month to price it; and the catalog has no price of "
        "Network Watcher (network logs collected) in northeurope; price_regions can take that of westeurope, or a "
        "price override of 'azure/northeurope/Network Watcher/network logs collected' by the GB can declare one"
    ]


def test_the_offered_block_prices_all_that_it_is_offered_for() -> None:
    things = graph(AZURE_NAT, STORE, FLOW_LOG, *nat("ap-southeast-1"))
    bare = estimate(things)
    block = declarations(bare.unpriced)
    assert block == [
        "costs:",
        "  nat_gb_per_month: 100  # GB through each NAT gateway; items: 2",
        "  log_gb_per_month: 10  # GB into each log; items: 1",
        "  model_store_gb: 50  # GB kept in each store; items: 1",
        "  price_regions:",
        "    aws/ap-southeast-1: [eu-west-1]",
        "    azure/northeurope: [westeurope, westus]",
    ]
    costs = CostAssumptions.model_validate(yaml.safe_load("\n".join(block))["costs"])
    full = estimate(things, Assumptions.from_mapping(costs.model_dump(exclude_none=True)))
    assert not full.unpriced
    assert full.priced_share["resources"] == 1.0
    assert declarations(full.unpriced) == []


def test_what_only_a_declared_price_can_price_is_no_part_of_the_block() -> None:
    provider = aws()
    machine = resource("aws:ec2/instance:Instance", "it", {"instanceType": "g99.huge"}, provider=provider.urn)
    found = estimate(graph(provider, machine))
    assert declarations(found.unpriced) == []
    (remedy,) = next(each.remedies for each in found.unpriced if each.what == "instance")
    assert (remedy.key, remedy.match, remedy.unit) == ("price_overrides", "aws/us-east-1/g99.huge/on_demand", "hour")


def test_a_spot_price_that_is_not_known_asks_for_a_discount() -> None:
    provider = aws()
    spot = {"instanceType": "c7i.xlarge", "instanceMarketOptions": {"marketType": "spot"}}
    things = graph(provider, resource("aws:ec2/instance:Instance", "it", spot, provider=provider.urn))
    block = declarations(estimate(things).unpriced)
    assert block[1] == "  spot_discount: 0.5  # share off the price on demand where no spot price is known; items: 1"
    costs = yaml.safe_load("\n".join(block))["costs"]
    assert estimate(things, declared(**costs)).priced_share["resources"] == 1.0


@pytest.mark.parametrize("key", [key for key in quantities() if key != "spot_discount"])
def test_every_quantity_that_is_offered_can_be_declared(key: str) -> None:
    figure = yaml.safe_load(quantities()[key].figure)
    dumped = CostAssumptions.model_validate({key: figure}).model_dump(exclude_none=True)
    assert getattr(Assumptions.from_mapping(dumped), key) == figure


@pytest.mark.parametrize(
    ("regions", "message"),
    [
        (7, "assumptions.price_regions: 7 is not allowed; allowed is <cloud>/<region>: <region of the same cloud>."),
        (
            {"northeurope": "eastus"},
            "assumptions.price_regions.northeurope: must be <cloud>/<region>, of aws, gcp or azure.",
        ),
        (
            {"azure/northeurop": "eastus"},
            "assumptions.price_regions.azure/northeurop: no region of azure is called 'northeurop'; it has 57. Did you "
            "mean 'northeurope'?",
        ),
        ({"gcp/us-central1": []}, "assumptions.price_regions.gcp/us-central1: names no region to take prices from."),
        (
            {"gcp/us-central1": ["us-east1", "us-central1"]},
            "assumptions.price_regions.gcp/us-central1: takes prices of us-central1 from itself.",
        ),
    ],
)
def test_wrong_price_regions(regions: Any, message: str) -> None:
    with pytest.raises(InvalidAssumptions) as error:
        declared(price_regions=regions)
    assert str(error.value) == message


def test_the_nearest_regions_are_of_the_same_part_of_the_world() -> None:
    assert nearest_first("northeurope", ["eastus", "westeurope", "northeurope", "francecentral"]) == (
        "francecentral",
        "westeurope",
        "eastus",
    )
    assert nearest_first("ap-south-1", ["us-east-1", "eu-west-1", "ap-northeast-1"])[0] == "ap-northeast-1"
    assert nearest_first("asia-east1", ["us-east1", "asia-south1"])[0] == "asia-south1"
