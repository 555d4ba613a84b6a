"""Every rendering names the keys of a pool whose change makes a new one."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO

import pytest
from modelyard.review.html.page import parts
from modelyard.review.markdown import to_markdown
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import to_json
from modelyard.review.pool_lines import PoolLine, recreation_sentences
from modelyard.review.terminal.page import print_plan

from .retailer import retailer

KEYS = ("name", "capacity", "sharing.mig")
LINES = (
    PoolLine("iowa", "l4", "gcp", "managed", KEYS),
    PoolLine("iowa", "t4", "gcp", "managed", KEYS),
    PoolLine("east", "l4", "aws", "karpenter", ("name", "provisioner")),
)


def test_pools_that_the_same_keys_recreate_share_a_sentence() -> None:
    assert list(recreation_sentences(LINES)) == [
        "GKE makes a new pool, and drains the old one after it, when one of these keys of iowa/l4, iowa/t4 changes: "
        "name, capacity, sharing.mig",
        "EKS makes a new pool, and drains the old one after it, when one of these keys of east/l4 changes: "
        "name, provisioner",
    ]


def terminal(document: PlanDocument) -> str:
    page = StringIO()
    print_plan(document, page)
    return page.getvalue()


@pytest.mark.parametrize(
    "rendering",
    [terminal, to_markdown, lambda document: "".join(parts(document))],
    ids=["terminal", "markdown", "html"],
)
def test_a_reader_is_told(rendering: Callable[[PlanDocument], str]) -> None:
    assert "keys of iowa/l4, iowa/t4 changes" in re.sub(r"\s+", " ", rendering(retailer(pools=LINES)))
    assert "makes a new pool" not in rendering(retailer())


def test_a_program_is_told_pool_by_pool() -> None:
    assert to_json(retailer(pools=LINES))["pools"][1] == {
        "cluster": "iowa",
        "name": "t4",
        "cloud": "gcp",
        "provisioner": "managed",
        "recreated_by": KEYS,
        "zones": (),
        "kind": "gpu_pools",
        "component": "",
        "declared": {},
    }
