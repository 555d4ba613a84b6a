"""The figures of a load run, from runs whose figures are known."""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence

import pytest
from modelyard.trial.load import ClosedLoop, LoadPlan, LoadResult, OpenLoop
from modelyard.trial.measured import Measured, measured
from modelyard.trial.requests import SampleRequest
from modelyard.trial.statistics import BatchStatistics, ServerStatistics, StageStatistics

PLAN = LoadPlan("m", OpenLoop(100), (SampleRequest(1, ()),), seconds=10)


def ran(
    latency_ms: Sequence[float],
    outcome: Sequence[int] | None = None,
    late_ms: Sequence[float] | None = None,
    **more: object,
) -> LoadResult:
    """Evenly spread over ten seconds."""
    count = len(latency_ms)
    given: dict[str, object] = {
        "plan": PLAN,
        "intended_s": array("d", [10 * at / count for at in range(count)]),
        "latency_ms": array("d", latency_ms),
        "late_ms": array("d", late_ms or [0.0] * count),
        "outcome": array("H", outcome or [0] * count),
        "reasons": ("no answer within 10 s", "HTTP 503: full"),
        "waited_in_flight": 0,
        "answers_in_time": count,
        "generator_cpu_s": 0.1,
        "invalid": None,
    }
    return LoadResult(**(given | more))  # type: ignore[arg-type]


def test_percentiles() -> None:
    figures = measured(ran([float(at) for at in range(1001)]))
    assert (figures.p50_ms, figures.p90_ms, figures.p95_ms, figures.p99_ms, figures.p999_ms, figures.max_ms) == (
        pytest.approx((500, 900, 950, 990, 999, 1000))
    )
    assert figures.mean_ms == pytest.approx(500)
    assert figures.latencies[0] == (0.01, pytest.approx(10))
    assert figures.latencies[-1] == (1.0, 1000)
    assert [ms for _, ms in figures.latencies] == sorted(ms for _, ms in figures.latencies)
    assert (figures.requests, figures.answered, figures.offered_per_second) == (1001, 1001, 100)


def test_what_was_given_up_counts_with_its_wait_and_what_was_refused_does_not() -> None:
    figures = measured(ran([10.0] * 98 + [10_000.0, 0.5], [0] * 98 + [1, 2], answers_in_time=98))
    assert figures.max_ms == 10_000
    assert figures.latencies[0][1] == 10  # the quick refusal is no latency
    assert figures.failures == {"no answer within 10 s": 1, "HTTP 503: full": 1}
    assert (figures.requests, figures.answered, figures.throughput) == (100, 98, 9.8)


def test_seconds() -> None:
    figures = measured(ran([1.0] * 50 + [3.0] * 50, [0] * 99 + [2]))
    assert [(each.sent, each.answered, each.failed) for each in figures.by_second] == [(10, 10, 0)] * 9 + [(10, 9, 1)]
    assert [each.p50_ms for each in figures.by_second] == [1.0] * 5 + [3.0] * 5


def intervals(seed: int) -> Measured:
    chance = random.Random(seed)
    return measured(ran([chance.expovariate(0.1) for _ in range(3000)]))


def test_intervals_hold_the_true_figure_about_as_often_as_they_say() -> None:
    """Exponential latencies of mean 10 ms: the median is 6.93, the 99th percentile 46.05 ms."""
    runs = [intervals(seed) for seed in range(30)]
    assert sum(run.p50_interval_ms.low <= 6.931 <= run.p50_interval_ms.high for run in runs) >= 25
    assert sum(run.p99_interval_ms.low <= 46.05 <= run.p99_interval_ms.high for run in runs) >= 25
    assert all(run.p99_interval_ms.low <= run.p99_ms <= run.p99_interval_ms.high for run in runs)
    assert sum(run.p99_interval_ms.high - run.p99_interval_ms.low for run in runs) / 30 < 12


def test_a_stall_widens_the_interval() -> None:
    """Neighbours that share a stall are not independent: the interval says that it could have been missed."""
    quiet = measured(ran([10.0 + at % 7 for at in range(3000)]))
    stalled = measured(ran([500.0 if 1000 <= at < 1040 else 10.0 + at % 7 for at in range(3000)]))
    assert quiet.p99_interval_ms.high < 17
    assert stalled.p99_interval_ms.low < 17
    assert stalled.p99_interval_ms.high == 500


def test_lateness_and_doubt_are_passed_on() -> None:
    figures = measured(ran([5.0] * 100, late_ms=[0.1] * 97 + [2.0] * 3, invalid="too busy", waited_in_flight=7))
    assert (figures.late_requests, figures.late_p99_ms, figures.invalid, figures.waited_in_flight) == (
        3, pytest.approx(2.0), "too busy", 7,
    )  # fmt: skip
    assert figures.generator_cpu_ms == pytest.approx(1.0)


def test_a_closed_loop_offers_no_rate() -> None:
    plan = LoadPlan("m", ClosedLoop(8), (SampleRequest(1, ()),), seconds=10)
    assert measured(ran([5.0] * 100, plan=plan)).offered_per_second is None


STATISTICS = ServerStatistics(
    seconds=10,
    stages=(
        StageStatistics("fraud", 100, 0, 100, 100, 3, 20.0, 0.01, 0, 0, 0, ()),
        StageStatistics(
            "score", 100, 1, 100, 50, 0, 12.0, 4.0, 1.0, 6.0, 1.0,
            (BatchStatistics(1, 20, 1, 7, 2), BatchStatistics(2, 20, 1, 17, 2), BatchStatistics(4, 10, 1, 37, 2)),
        ),
    ),
    cpu_s=0.5,
    cpu_by_stage_s={"score": 0.1},
    metrics={},
)  # fmt: skip


def test_stages() -> None:
    figures = measured(ran([5.0] * 100), STATISTICS, instances={"score": 2})
    fraud, score = figures.stages
    assert (fraud.model, fraud.executions, fraud.mean_batch, fraud.execution_ms, fraud.utilisation, fraud.cpu_ms) == (
        "fraud", 0, None, None, None, None,
    )  # fmt: skip
    assert fraud.cache_hits == 3
    assert score.batches == {1: 20, 2: 20, 4: 10}
    assert score.mean_batch == pytest.approx(2.0)
    assert score.execution_ms == pytest.approx(20.0)
    assert score.utilisation == pytest.approx(0.05)
    assert score.cpu_ms == pytest.approx(2.0)
    assert (score.queue_ms, score.failures) == (4.0, 1)
    assert figures.cpu_ms == pytest.approx(5.0)


def test_a_server_elsewhere_has_no_processor_time() -> None:
    assert measured(ran([5.0] * 100)).cpu_ms is None
    assert measured(ran([5.0] * 100)).stages == ()


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (ran([]), "no request was answered: none was to be sent"),
        (ran([1.0, 2.0], [2, 2]), "no request was answered: HTTP 503: full (2)"),
    ],
)
def test_no_figures_without_an_answer(result: LoadResult, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        measured(result)
    assert str(caught.value) == message
