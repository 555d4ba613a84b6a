"""Execution times from measured points."""

from __future__ import annotations

import pytest
from modelyard.sizing.service_time import STRATA, durations_of, service_times

from .queues import point, stage


@pytest.mark.parametrize(("batch", "mean_ms"), [(1, 4.0), (2, 4.0), (5, 7.5), (8, 11.0), (12, 15.0), (16, 19.0)])
def test_straight_lines_between_points(batch: int, mean_ms: float) -> None:
    times = service_times(stage("m", point(2, 4.0), point(8, 11.0), point(16, 19.0)))
    execution = times.of(batch)
    assert execution.mean_ms == pytest.approx(mean_ms)
    assert sum(execution.durations_ms) / STRATA == pytest.approx(mean_ms)


def test_nothing_is_said_beyond_the_largest() -> None:
    with pytest.raises(ValueError) as caught:
        service_times(stage("m", point(8, 11.0))).of(9)
    assert str(caught.value) == (
        "a batch of 9 of 'm' was not measured: its profile ends at 8; measure the profile again"
    )


def test_points_that_resemble_the_traffic() -> None:
    measured = stage("m", point(8, 11.0), point(8, 14.0, requests=8), point(8, 20.0, requests=8, instances=2))
    chosen = {
        (rows, instances): service_times(measured, rows_per_request=rows, instances=instances).of(8).mean_ms
        for rows in (1, 8)
        for instances in (1, 2)
    }
    assert chosen == {(1, 1): 14.0, (1, 2): 20.0, (8, 1): 11.0, (8, 2): 20.0}


@pytest.mark.parametrize(
    ("mean", "p50", "p90", "p99"),
    [(10, 10, 10, 10), (10, 9.5, 11, 16), (10.2, 10, 10.5, 12), (12, 10, 18, 40), (9, 10, 10, 10), (20, 10, 12, 15)],
)
def test_distribution_has_the_measured_percentiles(mean: float, p50: float, p90: float, p99: float) -> None:
    durations = durations_of(mean_ms=mean, p50_ms=p50, p90_ms=p90, p99_ms=p99)
    assert list(durations) == sorted(durations) and durations[0] > 0
    # A mean that contradicts the percentiles is met as far as a quarter goes.
    assert sum(durations) / STRATA == pytest.approx(mean, rel=0.02 if mean < 20 else 0.4)
    if p50 <= mean < 20:
        assert durations[STRATA // 2] == pytest.approx(p50, rel=0.12)
        assert durations[int(STRATA * 0.99)] == pytest.approx(p99, rel=0.2)


def test_processor_time_is_without_that_of_requests() -> None:
    measured = stage("m", point(1, 2.0, cpu_ms=1.5), point(4, 4.0, cpu_ms=3.5, requests=4))
    times = service_times(measured, request_cpu_ms=0.5)
    assert (times.of(1).cpu_ms, times.of(4).cpu_ms) == (1.0, 1.5)
    assert times.of(2).cpu_ms == pytest.approx(1.0 + 0.5 / 3)
    assert service_times(stage("m", point(1, 2.0))).of(1).cpu_ms is None


def test_highest_rate_counts_the_gap() -> None:
    times = service_times(stage("m", point(1, 2.0, gap_ms=0.5), point(8, 7.5, gap_ms=0.5), point(16, 40.0)))
    assert times.highest_rate(1) == pytest.approx(400)
    assert times.highest_rate(8) == pytest.approx(1000)
    assert times.highest_rate(16) == pytest.approx(1000), "a batch of 16 is slower for each row"
