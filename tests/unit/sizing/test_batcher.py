"""When Triton's batcher sends which requests: each case was read off its source; those with a delay under backlog
were seen on a real server as well."""

from __future__ import annotations

import heapq

import pytest
from modelyard.sizing.batcher import Batcher
from modelyard.sizing.settings import StageSettings


def executions(
    arrivals: list[float],
    *,
    takes_ms: float = 100.0,
    largest: int = 8,
    delay_us: int = 0,
    preferred: tuple[int, ...] = (),
    instances: int = 1,
    rows: int = 1,
    dynamic: bool = True,
    batcher_first: bool = False,
) -> list[tuple[float, list[int]]]:
    """When each execution began, and with which requests."""
    begun: list[tuple[float, list[int]]] = []
    events: list[tuple[float, int, str]] = [(at, number, "arrive") for number, at in enumerate(arrivals)]
    heapq.heapify(events)
    now = 0.0
    sequence = len(events)

    def later(at: float, kind: str) -> None:
        nonlocal sequence
        sequence += 1
        heapq.heappush(events, (at, sequence, kind))

    def start(requests: list[int]) -> None:
        begun.append((now, list(requests)))
        later(now + takes_ms, "finish")

    batcher = Batcher(
        StageSettings("m", largest, delay_us, preferred, instances, dynamic),
        start,
        lambda at: later(at, "timer"),
        rows_per_request=rows,
        draw=lambda: 0.0 if batcher_first else 1.0,
    )
    while events:
        now, number, kind = heapq.heappop(events)
        if kind == "arrive":
            batcher.arrive(now, number)
        elif kind == "timer":
            batcher.timer(now)
        else:
            batcher.finish(now)
    return begun


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"arrivals": [0]}, [(0, [0])], id="an idle instance executes at once"),
        pytest.param({"arrivals": [0, 10, 20, 30]}, [(0, [0]), (100, [1, 2, 3])], id="batches form under backlog"),
        pytest.param(
            {"arrivals": [0, 10, 20, 30], "largest": 2}, [(0, [0]), (100, [1, 2]), (200, [3])], id="up to the maximum"
        ),
        pytest.param(
            {"arrivals": [0, 1, 2, 3, 4, 5], "largest": 1},
            [(at * 100, [at]) for at in range(6)],
            id="more than the line holds",
        ),
        pytest.param(
            {"arrivals": [0, 10, 20], "dynamic": False}, [(0, [0]), (100, [1]), (200, [2])], id="without batching"
        ),
        pytest.param({"arrivals": [0, 10, 20], "instances": 2}, [(0, [0]), (10, [1]), (100, [2])], id="two instances"),
        pytest.param(
            {"arrivals": [0, 10, 20, 30, 40, 50], "preferred": (2, 8)},
            [(0, [0]), (100, [1, 2]), (200, [3, 4]), (300, [5])],
            id="without a delay a preferred size closes the batch",
        ),
        pytest.param({"arrivals": [0], "delay_us": 5000}, [(5, [0])], id="alone for the whole delay"),
        pytest.param(
            {"arrivals": [0, 2, 4, 6], "delay_us": 5000}, [(5, [0, 1, 2]), (105, [3])], id="what comes in the delay"
        ),
        pytest.param(
            {"arrivals": [0, 1, 2, 3], "delay_us": 5000, "largest": 4}, [(3, [0, 1, 2, 3])], id="full before its end"
        ),
        pytest.param(
            {"arrivals": [0, 1], "delay_us": 5000, "preferred": (2,)}, [(1, [0, 1])], id="preferred before its end"
        ),
        pytest.param(
            {"arrivals": [0, 25, 27, 55, 75], "delay_us": 5000},
            [(5, [0]), (105, [1, 2]), (205, [3, 4])],
            id="with a delay the batch in line does not grow",
        ),
        pytest.param(
            {"arrivals": [0, 25, 27, 55, 75], "delay_us": 5000, "batcher_first": True},
            [(5, [0]), (105, [1, 2, 3, 4])],
            id="but for a batcher that is quicker than the instance",
        ),
        pytest.param(
            {"arrivals": [0, 25, 27, 55, 65, 75, 85], "delay_us": 5000, "largest": 4},
            [(5, [0]), (105, [1, 2, 3, 4]), (205, [5, 6])],
            id="and when those that wait make a preferred size by themselves",
        ),
        pytest.param({"arrivals": [0, 0, 0]}, [(0, [0]), (100, [1, 2])], id="of three at once the first goes ahead"),
        pytest.param(
            {"arrivals": [0, 0, 0], "batcher_first": True}, [(0, [0, 1, 2])], id="unless the batcher looks late"
        ),
        pytest.param({"arrivals": [0], "delay_us": 5000, "largest": 1}, [(0, [0])], id="batches of one do not wait"),
        pytest.param({"arrivals": [0, 10, 20, 30], "rows": 3}, [(0, [0]), (100, [1, 2]), (200, [3])], id="rows count"),
        pytest.param({"arrivals": [0], "rows": 16}, [(0, [0])], id="a request larger than any batch"),
    ],
)
def test_executions(given: dict, expected: list[tuple[float, list[int]]]) -> None:
    assert executions(**given) == [(pytest.approx(at), requests) for at, requests in expected]
