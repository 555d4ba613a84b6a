"""The plan in a terminal: what a person reads, at which widths and in which character sets."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.review.model_text import standing
from modelyard.review.plan import StackPlan
from modelyard.review.terminal.page import print_plan

from .retailer import HOSTILE, PLANTED, ROLLOUT, retailer


def shown(document: Any, monkeypatch: pytest.MonkeyPatch, *, encoding: str = "utf-8", width: int = 80, **options: Any):
    monkeypatch.setenv("COLUMNS", str(width))
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding=encoding, errors="strict")
    print_plan(document, file, **options)
    file.flush()
    return buffer.getvalue().decode(encoding)


LAST_LINES = """
Summary
 $9,876.54  a month                                      
$15,000.00  at most, with every autoscaler at its maximum
    1 of 3  budgets hold                                 
    2 of 4  policies hold                                
         2  items are unpriced and not in the total      
         8  resources in 2 stacks                        

Broken: 1 mandatory policy violation and 1 budget broken or undetermined.
Next:
  - make merchandising cheaper by $321.09 a month, or raise monthly_budget_usd
    to 4322 in prod/departments/merchandising.yaml
  - satisfy the policy image-pinned, which 1 resource breaks
  - declare prices or quantities of 2 unpriced items under costs in
    prod/platform.yaml
  - consider the advice of replicas
  - read 1 notice
"""
"""Where the reader's eye is when the command ends."""


def test_a_reader_finds_resources_costs_policies_and_the_conclusion(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(retailer(), monkeypatch)
    for expected in (
        "prod: tier prod, 2 stacks, 8 resources, $9,876.54 a month",
        "├── prod-foundation  7 resources",
        "│   ├── Network east  3 ec2.Subnet, ec2.Vpc",
        "product-tagging  east     l4 + l4-spot         2-6  42.7 / 80        $4,321.09",
        "  merchandising           needs 2 at 41%                       $2.74 a million",
        "shared by all      $3,755.45    38%",
        "idle capacity      $1,000.00    10%",
        "total              $9,876.54",
        "At most $15,000.00 with every autoscaler at its maximum.",
        "merchandising      ████████████████████████  108%   $4,000.00  fail",
        "KMS key (2 resources): no price is known",
        "Policies  2 of 4 hold",
        "mandatory image-pinned",
        "nobody outside the VPC of cluster west can reach its API: declare a bastion",
    ):
        assert expected in text
    assert text.endswith(LAST_LINES)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("encoding", "width"), [("utf-8", 80), ("ascii", 80), ("latin-1", 100), ("utf-8", 60), ("ascii", 40)]
)
def test_text_for_a_pipe_is_plain_and_fits(
    monkeypatch: pytest.MonkeyPatch, encoding: str, width: int, full: bool
) -> None:
    text = shown(retailer(), monkeypatch, encoding=encoding, width=width, full=full)
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= max(width, 60)
    assert PLANTED not in text


def test_a_reader_finds_where_a_rollout_stands_and_how_long_a_cold_start_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(shown(retailer(), monkeypatch).split())
    assert "product-tagging: version 1 90 %, version 2 10 %; steps 10, 50, 100, each held 30 min at least" in text
    assert "next percent: 50; gates: error_rate at most 0.01, p99_ms at most 80" in text
    assert (
        "product-tagging on east: 12 to 25 min: signal 0 to 30 s, node 80 s to 5 min, image 10 to 15 min, weights 25 s "
        "to 3 min, load 6 to 55 s, ready 1 to 15 s" in text
    )
    assert "They rest on:" not in text
    full = " ".join(shown(retailer(), monkeypatch, full=True).split())
    assert "gpu_node 80 to 300 seconds: tensorfuse.io" in full


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"canary_replicas": (1, 3)}, "; 1-3 replicas of version 2"),
        ({"canary_replicas": (1, 1)}, "; 1 replica of version 2"),
        ({"by": "flagger"}, "; as many replicas again while it lasts, which no cost counts"),
    ],
)
def test_a_reader_is_told_how_many_pods_a_canary_takes(changes: dict[str, Any], end: str) -> None:
    assert standing(replace(ROLLOUT, **changes)).endswith(end)


def test_only_full_names_every_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ec2.Subnet east-b" not in shown(retailer(), monkeypatch)
    assert "ec2.Subnet east-b" in shown(retailer(), monkeypatch, full=True)


def test_a_name_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(retailer(notices=("\x1b[2J\x1b]0;owned\x07 [bold]gone[/bold] \u202egnp",)), monkeypatch)
    assert r"\x1b[2J\x1b]0;owned\x07 [bold]gone[/bold] \u202egnp" in text
    assert HOSTILE in text


@pytest.mark.parametrize(("full", "last"), [(False, "… and 88 more; --full shows all"), (True, "notice 99")])
def test_long_lists_say_how_much_is_left_out(monkeypatch: pytest.MonkeyPatch, full: bool, last: str) -> None:
    text = shown(retailer(notices=tuple(f"notice {number}" for number in range(100))), monkeypatch, full=full)
    assert last in text
    assert ("notice 12\n" in text) is full


def test_many_components_of_a_kind_are_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Resource("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "pulumi:pulumi:Stack", "p-s", {}, "s", custom=False)
    resources = [root]
    for number in range(500):
        token = "modelyard:index:TritonService"
        component = Resource(f"urn:pulumi:s::p::{token}::m{number}", token, f"m{number}", {}, "s", root.urn, False)
        leaf = "kubernetes:core/v1:Service"
        urn = f"urn:pulumi:s::p::{token}${leaf}::m{number}"
        resources += [component, Resource(urn, leaf, f"m{number}", {}, "s", component.urn)]
    document = retailer(stacks=(StackPlan("s", "all", ResourceGraph(resources), {}),))
    text = shown(document, monkeypatch)
    assert "TritonService m11  Service" in text
    assert "… 488 more TritonService, 488 resources; --full shows all" in text
    assert "m12" not in text


def test_nothing_to_say_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(retailer(policies=(), budgets=(), models=(), notices=()), monkeypatch)
    assert "no findings" in text
    assert "Fine: no mandatory policy and no budget is broken." in text
