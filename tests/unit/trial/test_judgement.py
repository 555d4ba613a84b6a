"""When a measurement here keeps an objective, misses it, or says nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.trial.judgement import judged
from modelyard.trial.result import Outcome

from .tried import PROMISE, measured


@pytest.mark.parametrize(
    ("seen", "more", "expected"),
    [
        pytest.param({}, {}, Outcome("met", "p99 12 ms at 199.8/s keeps the objective of 50 ms"), id="kept"),
        pytest.param(
            {"p99_ms": 75.0},
            {},
            Outcome("missed", "p99 is 75 ms, 1.5 times the objective's 50 ms"),
            id="too slow",
        ),
        pytest.param(
            {"failures": {"HTTP 500: broken": 3, "no answer within 10 s": 1}},
            {},
            Outcome("missed", "4 of 1000 requests failed: HTTP 500: broken"),
            id="failures",
        ),
        pytest.param(
            {"throughput": 150.0},
            {},
            Outcome("missed", "150 of 200 requests per second were answered in time"),
            id="too few answers",
        ),
        pytest.param(
            {"p99_ms": 75.0},
            {"stand_ins": ("classifier",)},
            Outcome(
                "not judged", "its objective is not judged: a substitute ran classifier (p99 75 ms at 199.8/s here)"
            ),
            id="a substitute's time fails nobody",
        ),
        pytest.param(
            {"p99_ms": 75.0},
            {"moved": ("a", "b")},
            Outcome("not judged", "its objective is not judged: the CPU ran a and b (p99 75 ms at 199.8/s here)"),
            id="nor does a CPU's for a GPU",
        ),
        pytest.param(
            {},
            {"rate": 50.0},
            Outcome(
                "not judged",
                "its objective is not judged: 50 requests per second were sent and one replica is promised 200 (p99 "
                "12 ms at 199.8/s here)",
            ),
            id="a smaller rate proves nothing",
        ),
        pytest.param(
            {"invalid": "this machine was too busy"},
            {},
            Outcome("not judged", "its objective is not judged: this machine was too busy"),
            id="a generator that was late",
        ),
    ],
)
def test_outcome(seen: dict[str, Any], more: dict[str, Any], expected: Outcome) -> None:
    given: dict[str, Any] = {"rate": 200.0, **more}
    assert judged(PROMISE, measured(**seen), **given) == expected


def test_without_a_load_nothing_is_judged() -> None:
    assert judged(PROMISE, None, rate=None) == Outcome("not judged", "its objective is not judged: no load was sent")


def test_without_an_objective_there_is_no_outcome() -> None:
    assert judged(None, measured(), rate=200.0) is None
