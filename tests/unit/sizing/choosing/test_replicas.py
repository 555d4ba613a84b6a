"""Replicas over a week, by hand."""

import pytest
from modelyard.environment.traffic_profile import TrafficProfile
from modelyard.sizing.choosing.replicas import always_on, autoscaled, replicas_for
from modelyard.sizing.choosing.week import week_of

DAY = week_of(TrafficProfile(hourly=[1.0] * 8 + [35.0] * 12 + [1.0] * 4))
STEADY = week_of(TrafficProfile(otherwise=35))


@pytest.mark.parametrize(("rate", "count"), [(0, 0), (0.1, 1), (10, 1), (10.1, 2), (35, 4)])
def test_replicas_for_a_rate(rate, count):
    assert replicas_for(rate, 10) == count


def test_always_on_is_the_peaks():
    found = always_on(DAY, 10)
    assert (found.average, found.least, found.most, found.late_share) == (4, 4, 4, 0)


def test_autoscaled_pays_the_quiet_time_and_is_late_at_each_rise():
    found = autoscaled(DAY, 10, least=1, start_seconds=300, quiet_seconds=600)
    # Four for twelve hours and ten minutes more, one for the rest of the day.
    assert found.average == pytest.approx((4 * (12 + 1 / 6) + (12 - 1 / 6)) / 24)
    # Every day 35 a second for 300 s come before the other three are there.
    assert found.late_share == pytest.approx(35 * 300 / (35 * 12 * 3600 + 1 * 12 * 3600))
    assert (found.least, found.most) == (1, 4)


def test_a_floor_that_is_enough_is_never_late():
    assert autoscaled(DAY, 10, least=4, start_seconds=300, quiet_seconds=600).late_share == 0


def test_what_never_changes_costs_as_much_as_always_on():
    found = autoscaled(STEADY, 10, least=1, start_seconds=300, quiet_seconds=600)
    assert found.average == always_on(STEADY, 10).average
    assert found.late_share == 0


def test_scaled_to_zero_pays_for_the_time_awake():
    busy = week_of(TrafficProfile(hourly=[0.0] * 8 + [5.0] * 12 + [0.0] * 4))
    found = autoscaled(busy, 10, least=0, start_seconds=120, quiet_seconds=600)
    # Twelve hours and the quiet ten minutes after; who comes in the first two minutes is late.
    assert found.average == pytest.approx((12 + 1 / 6) / 24, rel=1e-4)
    assert found.late_share == pytest.approx((1 + 5 * 120) / (5 * 12 * 3600), rel=1e-2)
    assert (found.least, found.most) == (0, 1)


@pytest.mark.parametrize("start_seconds", [0, 60, 600, 3600])
def test_a_longer_start_is_never_less_late(start_seconds):
    sooner = autoscaled(DAY, 10, least=1, start_seconds=start_seconds, quiet_seconds=600)
    later = autoscaled(DAY, 10, least=1, start_seconds=start_seconds + 60, quiet_seconds=600)
    assert sooner.late_share <= later.late_share
