"""Gates: which answers pass, and what an answer that is missing means. That Prometheus answers them is tested with real
servers."""

from __future__ import annotations

import pytest
from modelyard.environment.rollout import BusinessGate, Gates
from modelyard.serving.rollout.gates import gates, judge

ASKED = gates(
    Gates(error_rate=0.01, p99_ms=200, business=BusinessGate(query="conversion", min=0.9, max=1.5)),
    "httproute/shop/tagger/rule/4/backend/1",
    ("shop", "tagger-canary-v2"),
)
FINE = {"error_rate": 0.01, "server_error_rate": 0.0, "p99_ms": 199.0, "business": 0.9}


@pytest.mark.parametrize(
    ("changes", "outcome", "reasons"),
    [
        ({}, "pass", ()),
        ({"error_rate": 0.011}, "fail", ("error_rate is 0.011; allowed is at most 0.01",)),
        ({"server_error_rate": 1.0}, "fail", ("server_error_rate is 1; allowed is at most 0.01",)),
        ({"business": 0.8}, "fail", ("business is 0.8; allowed is at least 0.9 and at most 1.5",)),
        ({"business": 1.6}, "fail", ("business is 1.6; allowed is at least 0.9 and at most 1.5",)),
        ({"p99_ms": None}, "undetermined", ("p99_ms has no result; allowed is at most 200",)),
        ({"p99_ms": float("nan")}, "undetermined", ("p99_ms has no result; allowed is at most 200",)),
        ({"p99_ms": None, "error_rate": 0.5}, "fail",
         ("error_rate is 0.5; allowed is at most 0.01", "p99_ms has no result; allowed is at most 200")),
    ],
)  # fmt: skip
def test_verdict(changes: dict[str, float | None], outcome: str, reasons: tuple[str, ...]) -> None:
    verdict = judge(ASKED, {**FINE, **changes})
    assert (verdict.outcome, verdict.reasons) == (outcome, reasons)


def test_only_what_is_declared_is_asked() -> None:
    assert gates(Gates(), "c") == ()
    assert [gate.name for gate in gates(Gates(error_rate=0.1), "c")] == ["error_rate"]
    assert [gate.name for gate in ASKED] == ["error_rate", "server_error_rate", "p99_ms", "business"]
