"""When requests are meant to be sent."""

from __future__ import annotations

import itertools
import statistics

import pytest
from modelyard.trial.arrivals import arrivals


def test_constant_arrivals_are_as_far_apart_as_the_rate_says() -> None:
    assert list(arrivals(4, 1, pattern="constant")) == [0.0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(("rate", "seconds", "count"), [(10, 0, 0), (0.5, 3, 2), (3, 1.0, 3), (1000, 0.25, 250)])
def test_constant_arrivals_all_come_before_the_end(rate: float, seconds: float, count: int) -> None:
    times = arrivals(rate, seconds, pattern="constant")
    assert len(times) == count
    assert all(0 <= at < seconds for at in times)


def test_poisson_arrivals_have_the_rate_and_the_spread_of_independent_callers() -> None:
    times = arrivals(200, 100, seed=3)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == pytest.approx(20_000, rel=0.03)  # four standard deviations
    assert statistics.mean(gaps) == pytest.approx(1 / 200, rel=0.03)
    assert statistics.stdev(gaps) == pytest.approx(1 / 200, rel=0.05)
    assert all(gap >= 0 for gap in gaps)
    assert times[-1] < 100


def test_the_seed_decides() -> None:
    assert arrivals(50, 2, seed=1) == arrivals(50, 2, seed=1)
    assert arrivals(50, 2, seed=1) != arrivals(50, 2, seed=2)


@pytest.mark.parametrize(
    ("rate", "seconds", "message"),
    [
        (0, 1, "a rate of 0 requests per second sends nothing; give one above 0"),
        (-2.5, 1, "a rate of -2.5 requests per second sends nothing; give one above 0"),
        (float("nan"), 1, "a rate of nan requests per second sends nothing; give one above 0"),
        (1, -1, "a load of -1 seconds cannot be; give 0 or more"),
    ],
)
def test_what_cannot_be_sent(rate: float, seconds: float, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        arrivals(rate, seconds)
    assert str(caught.value) == message
