"""When requests come."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.traffic_profile import TrafficProfile
from pydantic import ValidationError

DAY = [1.0] * 8 + [20.0] * 12 + [1.0] * 4
OFFICE = {"days": "mon-fri", "start": "08:00", "end": "20:00", "requests_per_second": 20.0}


@pytest.mark.parametrize(
    ("declared", "hours"),
    [
        pytest.param({"otherwise": 3.0}, {0: 3.0, 167: 3.0}, id="one rate all week"),
        pytest.param({"hourly": DAY}, {7: 1.0, 8: 20.0, 19: 20.0, 20: 1.0, 6 * 24 + 8: 20.0}, id="every day"),
        pytest.param(
            {"hourly": DAY, "days": "mon-fri", "otherwise": 0.5}, {8: 20.0, 5 * 24 + 8: 0.5}, id="working days"
        ),
        pytest.param({"windows": [OFFICE], "otherwise": 1.0}, {7: 1.0, 8: 20.0, 5 * 24 + 8: 1.0}, id="a window"),
        pytest.param(
            {"windows": [{"days": "sun", "start": "22:00", "end": "02:00", "requests_per_second": 7.0}]},
            {6 * 24 + 21: 0.0, 6 * 24 + 22: 7.0, 6 * 24 + 23: 7.0, 0: 7.0, 1: 7.0, 2: 0.0},
            id="a window past the week's end",
        ),
    ],
)
def test_rate_of_each_hour(declared: dict[str, Any], hours: dict[int, float]) -> None:
    week = TrafficProfile(**declared).week()
    assert len(week) == 168
    assert {hour: week[hour] for hour in hours} == hours


def test_peak() -> None:
    profile = TrafficProfile(windows=[OFFICE], otherwise=1.0, burst_factor=3.0, burst_seconds=60)  # type: ignore[list-item]
    assert profile.peak_requests_per_second == 60
    assert TrafficProfile(otherwise=2.0, idle_share=0.75).peak_requests_per_second == 8


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"hourly": [0.0] * 24}, "every rate is 0, so nobody ever asks; give at least one hour a rate above 0, or"),
        ({"windows": [{**OFFICE, "requests_per_second": 0.0}]}, "every rate is 0, so nobody ever asks"),
        ({}, "says nothing of when requests come; give hourly (24 rates), or windows, or otherwise for one rate"),
        ({"hourly": DAY, "windows": [OFFICE]}, "names both hourly and windows; keep the one"),
        ({"windows": [OFFICE], "days": "mon-fri"}, "days is for hourly, which is not given"),
        (
            {"windows": [OFFICE, {**OFFICE, "days": "fri", "start": "19:00", "end": "23:00"}]},
            "windows[0] (mon-fri 08:00-20:00) and windows[1] (fri 19:00-23:00) overlap on fri at 19:00",
        ),
        ({"windows": [{**OFFICE, "start": "08:30"}]}, "'08:30' must be a whole hour in quotes"),
        ({"windows": [{**OFFICE, "start": "24:00"}]}, 'start "24:00" is the next day\'s "00:00"'),
        ({"windows": [{**OFFICE, "end": "08:00"}]}, 'start and end are both "08:00"'),
        ({"windows": [{**OFFICE, "days": "mon-fry"}]}, "'fry' is none; did you mean 'fri'?"),
        ({"otherwise": 1.0, "burst_factor": 2.0}, "burst_factor is 2 and burst_seconds is missing"),
        ({"otherwise": 1.0, "burst_seconds": 60}, "burst_seconds is 60 and burst_factor is 1, which is no burst"),
        (
            {"otherwise": 1.0, "burst_factor": 100.0, "burst_seconds": 60},
            "bursts of 100 times the average for 60 seconds hold more requests than their hour has",
        ),
        ({"otherwise": 1.0, "timezone": "Europe/Lodnon"}, "did you mean 'Europe/London'?"),
    ],
)
def test_what_cannot_be_is_told(declared: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TrafficProfile(**declared)
    assert any(sentence in error["msg"] for error in refused.value.errors())
