"""A week of traffic holds the requests that its profile says, wherever it is cut."""

from itertools import pairwise

import pytest
from modelyard.environment.traffic_profile import TrafficProfile
from modelyard.sizing.choosing.week import WEEK_SECONDS, Week, week_of

OFFICE = {"days": "mon-fri", "start": "08:00", "end": "20:00", "requests_per_second": 5}
PROFILES = {
    "one rate": {"otherwise": 2},
    "office hours": {"windows": [OFFICE]},
    "office hours over a floor": {"windows": [OFFICE], "otherwise": 0.25},
    "bursts": {"otherwise": 1, "burst_factor": 10, "burst_seconds": 60},
    "idle": {"otherwise": 1, "idle_share": 0.5},
    "bursts and idle": {"hourly": [1] * 12 + [0] * 12, "burst_factor": 4, "burst_seconds": 300, "idle_share": 0.25},
    "nothing but a burst": {"otherwise": 1, "burst_factor": 1.5, "burst_seconds": 1800, "idle_share": 0.5},
}


@pytest.fixture(params=PROFILES.values(), ids=list(PROFILES))
def traffic(request) -> TrafficProfile:
    return TrafficProfile.model_validate(request.param)


def test_a_week_holds_the_requests_of_its_profile(traffic):
    week = week_of(traffic)
    assert week.requests == pytest.approx(sum(traffic.week()) * 3600)
    assert week.stretches[0].first == 0
    assert week.stretches[-1].last == WEEK_SECONDS
    for before, after in pairwise(week.stretches):
        assert before.last == after.first
        assert before.rate != after.rate


def test_its_peak_is_the_profiles(traffic):
    # Where an hour is idle but for its burst, all of its requests come in the burst, which is then the higher.
    assert week_of(traffic).peak == pytest.approx(traffic.peak_requests_per_second)


def test_pieces_and_windows_hold_the_same_requests(traffic):
    week = week_of(traffic)
    assert sum(each.seconds * each.rate for each in week.pieces(600, 37, -90)) == pytest.approx(week.requests)
    for first in (-7200.0, 0.0, 3599.0, WEEK_SECONDS - 10.0):
        for seconds in (1.0, 5000.0, 90_000.0):
            held = sum(rate * part for rate, part in week.held(first, first + seconds))
            assert held == pytest.approx(week.between(first, first + seconds), abs=1e-4)


def test_an_hour_begins_idle_then_bursts():
    week = week_of(TrafficProfile(otherwise=1, burst_factor=4, burst_seconds=300, idle_share=0.25))
    first = [(each.first, each.last, each.rate) for each in week.stretches[:3]]
    # 3,600 requests: none in 900 s, 4 a second for 300 s, and the other 2,400 in 2,400 s.
    assert first == [(0, 900, 0), (900, 1200, 4), (1200, 3600, 1)]


def test_twice_the_requests():
    week = week_of(TrafficProfile.model_validate({"windows": [OFFICE]}))
    assert week.scaled(2).requests == 2 * week.requests
    assert isinstance(week.scaled(2), Week)
