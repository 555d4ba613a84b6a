"""Cron recurrences as EC2 Auto Scaling takes them, and the hours that schedules make of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost.recurrence import UnsupportedRecurrence, minutes_of_week
from modelyard.cost.schedule import UnpricedSchedule, periods
from modelyard.graph import UNKNOWN, Resource, Secret
from modelyard.placement import pools

from ..placement.plan import graph, node_group, resource

DAY = 24 * 60


@pytest.mark.parametrize(
    ("expression", "minutes"),
    [
        ("0 19 * * 0", (19 * 60,)),
        ("30 7 * * 7", (7 * 60 + 30,)),
        ("0 8 * * MON-FRI", tuple(day * DAY + 480 for day in range(1, 6))),
        ("0 8 * * 1-5/2", tuple(day * DAY + 480 for day in (1, 3, 5))),
        ("*/30 6,18 * * SAT", tuple(6 * DAY + each for each in (360, 390, 1080, 1110))),
        ("15 0/12 */1 JAN-DEC Tue", (2 * DAY + 15, 2 * DAY + 735)),
    ],
)
def test_when_a_recurrence_fires(expression: str, minutes: tuple[int, ...]) -> None:
    assert minutes_of_week(expression) == minutes


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 8 * *", "recurrence '0 8 * *' has 4 fields; allowed are five."),
        ("0 24 * * *", "recurrence '0 24 * * *': '24' is out of range; allowed is 0 to 23."),
        ("0 8 * * MOON", "recurrence '0 8 * * MOON': 'MOON' is not understood."),
        ("0 8-6 * * *", "recurrence '0 8-6 * * *': '8-6' is out of range; allowed is 0 to 23."),
        ("0 */0 * * *", "recurrence '0 */0 * * *': '*/0' is out of range; allowed is 0 to 23."),
        (
            "0 8 1 * *",
            "recurrence '0 8 1 * *' names days of the month or months; only weekly patterns can be priced.",
        ),
    ],
)
def test_recurrences_that_are_refused(expression: str, message: str) -> None:
    with pytest.raises(UnsupportedRecurrence) as caught:
        minutes_of_week(expression)
    assert str(caught.value) == message


def schedule(name: str, recurrence: Any, **inputs: Any) -> Resource:
    return resource("aws:autoscaling/schedule:Schedule", name, {"recurrence": recurrence, **inputs})


@pytest.mark.parametrize(
    ("schedules", "expected"),
    [
        ([], {(1, 10): 168}),
        # Up at 7, down at 19 on working days: 60 hours of 168; an absent size is 0.
        (
            [schedule("up", "0 7 * * 1-5", desiredCapacity=2, maxSize=4), schedule("down", "0 19 * * 1-5")],
            {(2, 4): 60, (0, 0): 108},
        ),
        # -1 leaves a size: the maximum stays the node group's.
        (
            [
                schedule("up", "0 6 * * *", desiredCapacity=3, maxSize=-1),
                schedule("down", "0 22 * * *", desiredCapacity=0, maxSize=-1),
            ],
            {(3, 10): 112, (0, 10): 56},
        ),
        # Tokyo is nine hours ahead of UTC: up Sunday 22:00 UTC, down Monday 12:00 UTC.
        (
            [
                schedule("up", "0 7 * * 1", desiredCapacity=1, maxSize=1, timeZone="Asia/Tokyo"),
                schedule("down", "0 12 * * 1", timeZone="UTC"),
            ],
            {(1, 1): 14, (0, 0): 154},
        ),
        # Sunday morning in Tokyo is still Saturday in UTC.
        (
            [
                schedule("up", "0 7 * * 0", desiredCapacity=1, maxSize=1, timeZone="Asia/Tokyo"),
                schedule("down", "0 12 * * 0", timeZone="UTC"),
            ],
            {(1, 1): 14, (0, 0): 154},
        ),
        # A single action holds all week.
        ([schedule("once", "0 7 * * 1", desiredCapacity=5, maxSize=5)], {(5, 5): 168}),
    ],
)
def test_hours_a_week_at_each_size(schedules: list[Resource], expected: dict[tuple[int, int], int]) -> None:
    (pool,) = pools(graph(node_group("gpu")))
    found = {(each.desired_size, each.max_size): each.share * 168 for each in periods(pool, schedules)}
    assert found.keys() == expected.keys()
    for size, hours in expected.items():
        assert abs(found[size] - hours) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (schedule("up", UNKNOWN), "schedule up has no recurrence that is known before the deployment"),
        (schedule("up", Secret("0 7 * * *")), "schedule up has no recurrence that is known before the deployment"),
        (
            schedule("up", "0 7 * * *", desiredCapacity=UNKNOWN),
            "schedule up: desiredCapacity is not known before the deployment",
        ),
        (schedule("up", "7"), "schedule up: recurrence '7' has 1 fields; allowed are five."),
    ],
)
def test_schedules_that_have_no_hours(action: Resource, message: str) -> None:
    (pool,) = pools(graph(node_group("gpu")))
    with pytest.raises(UnpricedSchedule) as caught:
        periods(pool, [action])
    assert str(caught.value) == message
