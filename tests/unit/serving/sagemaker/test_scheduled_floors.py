"""Hours of a warm floor, as Application Auto Scaling's cron expressions."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment.scaling import Scaling
from modelyard.serving.sagemaker.autoscaling import scheduled_floors

DAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "min_replicas": 3}
WORKDAYS = "MON,TUE,WED,THU,FRI"


@pytest.mark.parametrize(
    ("windows", "floors"),
    [
        ([], {}),
        ([DAY], {f"cron(0 8 ? * {WORKDAYS} *)": 3, f"cron(0 20 ? * {WORKDAYS} *)": 1}),
        # One ends where the other starts: the floor goes from 3 to 2, and never to 1 between.
        (
            [DAY, {"days": "mon-fri", "start": "20:00", "end": "22:30", "min_replicas": 2}],
            {
                f"cron(0 8 ? * {WORKDAYS} *)": 3,
                f"cron(0 20 ? * {WORKDAYS} *)": 2,
                f"cron(30 22 ? * {WORKDAYS} *)": 1,
            },
        ),
        (
            [{"days": "mon-sun", "start": "06:15", "end": "23:00", "min_replicas": 2}],
            {"cron(15 6 ? * * *)": 2, "cron(0 23 ? * * *)": 1},
        ),
        # It begins on Sunday evening and ends on Monday.
        (
            [{"days": "sun", "start": "22:00", "end": "04:00", "min_replicas": 2}],
            {"cron(0 22 ? * SUN *)": 2, "cron(0 4 ? * MON *)": 1},
        ),
        (
            [{"days": "sat-sun", "start": "00:00", "end": "24:00", "min_replicas": 4}],
            {"cron(0 0 ? * SAT,SUN *)": 4, "cron(0 0 ? * MON *)": 1},
        ),
    ],
    ids=["none", "workdays", "touching", "every day", "past sunday", "whole days"],
)
def test_the_floor_changes_at_these_moments(windows: list[dict[str, Any]], floors: dict[str, int]) -> None:
    scaling = Scaling.model_validate({"max_replicas": 6, "schedules": windows})
    found = scheduled_floors(scaling)
    assert {floor.cron: floor.min_capacity for floor in found} == floors
    assert len({floor.name for floor in found}) == len(found) == len(floors)


def test_each_window_keeps_its_time_zone() -> None:
    windows = [
        {**DAY, "timezone": "Europe/London"},
        {"days": "sat", "start": "08:00", "end": "20:00", "timezone": "America/New_York", "min_replicas": 2},
    ]
    found = scheduled_floors(Scaling.model_validate({"max_replicas": 6, "schedules": windows}))
    assert [(floor.name, floor.timezone) for floor in found] == [
        ("mon-tue-wed-thu-fri-0800-europe-london", "Europe/London"),
        ("mon-tue-wed-thu-fri-2000-europe-london", "Europe/London"),
        ("sat-0800-america-new_york", "America/New_York"),
        ("sat-2000-america-new_york", "America/New_York"),
    ]
