"""What becomes of a canary, by its gates and its time."""

from __future__ import annotations

import pytest
from modelyard.environment.rollout import Rollout
from modelyard.promotion.decision import Decision, decide
from modelyard.serving.rollout.gates import Verdict

PASS = Verdict("pass", ())
FAIL = Verdict("fail", ("error_rate is 0.05; allowed is at most 0.01",))
OPEN = Verdict("undetermined", ("p99_ms has no result; allowed is at most 80",))


@pytest.mark.parametrize(
    ("percent", "verdict", "held", "expected"),
    [
        (10, PASS, 30, Decision("promote", (), 0, 50)),
        (50, PASS, 31, Decision("promote", (), 0, 100)),
        (100, PASS, 30, Decision("finish", (), 0)),
        (10, FAIL, 1, Decision("roll_back", FAIL.reasons, 2, 0)),
        (100, FAIL, 60, Decision("roll_back", FAIL.reasons, 2, 0)),
        (10, FAIL, None, Decision("roll_back", FAIL.reasons, 2, 0)),
        (10, OPEN, 60, Decision("hold", OPEN.reasons, 3)),
        (10, PASS, 29, Decision("hold", (
            "10 % is held for 29 minutes by what the gateway counted; pause_minutes is 30",), 3)),
        (50, PASS, None, Decision("hold", (
            "the gateway counted no requests at 50 %, so that nobody knows for how long it is held; pause_minutes is "
            "30",), 3)),
        (0, OPEN, None, Decision("hold", (
            "nobody is sent to version 2 yet; --begin gives it its first 10 %",), 3)),
        (0, PASS, None, Decision("hold", (
            "nobody is sent to version 2 yet; --begin gives it its first 10 %",), 3)),
        (0, FAIL, None, Decision("hold", FAIL.reasons, 2)),
    ],
)  # fmt: skip
def test_decision(percent: int, verdict: Verdict, held: float | None, expected: Decision) -> None:
    rollout = Rollout(stable=1, canary=2, percent=percent, pause_minutes=30)
    assert decide(rollout, verdict, held) == expected


def test_a_canary_begins_where_somebody_says_so() -> None:
    rollout = Rollout(stable=1, canary=2, steps=[5, 100])
    assert decide(rollout, OPEN, None, begin=True) == Decision("promote", (), 0, 5)


def test_what_was_rolled_back_does_not_begin_again_while_its_gates_fail() -> None:
    assert decide(Rollout(stable=1, canary=2), FAIL, None, begin=True) == Decision("hold", FAIL.reasons, 2)


def test_without_a_pause_nobody_asks_for_how_long() -> None:
    rollout = Rollout(stable=1, canary=2, percent=10, pause_minutes=0)
    assert decide(rollout, PASS, None) == Decision("promote", (), 0, 50)
