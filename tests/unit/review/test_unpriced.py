"""What an estimate leaves out: by what prices it, and as one block to copy."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import yaml
from modelyard.cost import Unpriced
from modelyard.cost.remedy import Remedy
from modelyard.review.html.page import parts
from modelyard.review.markdown import to_markdown
from modelyard.review.plan import PlanDocument
from modelyard.review.terminal.page import print_plan
from modelyard.review.unpriced import priced, to_declare, unpriced_by_reason

from .dollars import estimate
from .retailer import retailer

NAT = Remedy("nat_gb_per_month")
DISK = Remedy("price_regions", "azure/northeurope", regions=("westeurope", "eastus"))
KEY = Remedy("price_overrides", "aws/us-west-2/KMS/customer managed key", "key-month")
GAPS = [
    Unpriced("urn:a", "t", "data through the NAT gateway", "it depends on use", None, (NAT,)),
    Unpriced("urn:b", "t", "data through the NAT gateway", "it depends on use", None, (NAT,)),
    Unpriced("urn:c", "t", "data through Cloud NAT", "it depends on use", None, (NAT,)),
    Unpriced("urn:d", "t", "disks", "no price of it in northeurope", None, (DISK,)),
    Unpriced("urn:e", "t", "key", "no price of a key", None, (KEY,)),
    Unpriced("urn:f", "t", "key", "no price of a key", None, (KEY,)),
]
BLOCK = [
    "costs:",
    "  nat_gb_per_month: 100  # GB through each NAT gateway; items: 3",
    "  price_regions:",
    "    azure/northeurope: [westeurope]",
]


@pytest.fixture
def document() -> PlanDocument:
    return retailer(costs=replace(estimate(), unpriced=GAPS))


def test_one_line_a_quantity_and_one_for_each_other_reason(document: PlanDocument) -> None:
    assert unpriced_by_reason(document) == [
        "data through the NAT gateway, data through Cloud NAT (3 resources): depends on use; declare the assumption "
        "nat_gb_per_month to price it",
        "disks: no price of it in northeurope",
        "key (2 resources): no price of a key",
    ]


def test_the_block_and_what_it_leaves(document: PlanDocument) -> None:
    sentence, lines = to_declare(document)
    assert sentence == (
        f"With figures of your own in place of these examples, this in {document.environment}/platform.yaml prices "
        "them; 2 items are left, which need a price of your own:"
    )
    assert lines == BLOCK
    assert to_declare(retailer(costs=replace(estimate(), unpriced=GAPS[-2:]))) == ("", [])


def test_how_much_is_priced() -> None:
    assert priced({"resources": 0.5, "fixed": 0.9}) == (
        "50.0% of billable resources, 90.0% of those that do not cost by use alone"
    )
    assert priced({"resources": 1.0, "fixed": 1.0}) == "100% of billable resources"


def test_every_document_has_the_block_whole(document: PlanDocument, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied from a narrow terminal it is still YAML."""
    monkeypatch.setenv("COLUMNS", "40")
    page = io.StringIO()
    print_plan(document, page)
    shown = page.getvalue().splitlines()
    first = shown.index(BLOCK[0])
    assert shown[first : first + len(BLOCK)] == BLOCK
    assert yaml.safe_load("\n".join(BLOCK))["costs"]["price_regions"] == {"azure/northeurope": ["westeurope"]}
    assert "```yaml\n" + "\n".join(BLOCK) + "\n```" in to_markdown(document)
    assert "\n".join(BLOCK) in "".join(parts(document))
