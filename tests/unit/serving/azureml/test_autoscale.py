"""Instances by load and by the hour."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.catalog.table import rows
from modelyard.environment.scaling import Scaling
from modelyard.serving.azureml.autoscale import is_scaled, profiles, scaling_problems

_WORKDAY = {"days": "mon-fri", "start": "08:00", "end": "20:00", "timezone": "Europe/London", "min_replicas": 2}


def scaling(**declared: Any) -> Scaling:
    return Scaling.model_validate({"max_replicas": 4, **declared})


@pytest.mark.parametrize(
    ("declared", "gpu", "followed"),
    [
        ({}, False, [("CpuUtilizationPercentage", 70.0, False)]),
        ({}, True, [("GpuUtilizationPercentage", 70.0, False)]),
        ({"target_gpu_utilization_percent": 60.0}, True, [("GpuUtilizationPercentage", 60.0, False)]),
        ({"target_requests_per_second": 5.0}, False, [("RequestsPerMinute", 300.0, True)]),
        (
            {"target_requests_per_second": 5.0, "target_gpu_utilization_percent": 60.0},
            True,
            [("GpuUtilizationPercentage", 60.0, False), ("RequestsPerMinute", 300.0, True)],
        ),
        # Neither is a metric of Azure's.
        ({"target_queue_ms": 5.0}, False, [("CpuUtilizationPercentage", 70.0, False)]),
        ({"target_concurrency": 5.0}, True, [("GpuUtilizationPercentage", 70.0, False)]),
    ],
)
def test_what_is_followed(declared: dict[str, Any], gpu: bool, followed: list[tuple[str, float, bool]]) -> None:
    [profile] = profiles(scaling(**declared), "id", gpu=gpu)
    out = [rule for rule in profile["rules"] if rule["scaleAction"]["direction"] == "Increase"]
    back = [rule for rule in profile["rules"] if rule["scaleAction"]["direction"] == "Decrease"]

    def shown(rule: dict[str, Any]) -> tuple[str, float, bool]:
        trigger = rule["metricTrigger"]
        assert trigger["metricResourceUri"] == "id"
        return trigger["metricName"], trigger["threshold"], trigger["dividePerInstance"]

    assert [shown(rule) for rule in out] == followed
    assert [shown(rule) for rule in back] == [(name, pytest.approx(at * 0.4), each) for name, at, each in followed]
    assert {rule["metricTrigger"]["operator"] for rule in out} == {"GreaterThan"}
    assert {rule["metricTrigger"]["operator"] for rule in back} == {"LessThan"}


def test_an_instance_goes_after_the_quiet_time_that_is_declared() -> None:
    [profile] = profiles(scaling(scale_down_minutes=15), "id", gpu=False)
    [down] = [rule for rule in profile["rules"] if rule["scaleAction"]["direction"] == "Decrease"]
    assert down["scaleAction"]["cooldown"] == "PT15M"
    assert down["metricTrigger"]["timeWindow"] == "PT15M"


def test_a_window_raises_the_floor_and_ends() -> None:
    default, window, after = profiles(scaling(schedules=[_WORKDAY]), "id", gpu=False)
    assert default["capacity"] == {"minimum": "1", "maximum": "4", "default": "1"}
    assert "recurrence" not in default
    assert window["capacity"] == {"minimum": "2", "maximum": "4", "default": "2"}
    assert window["recurrence"] == {
        "frequency": "Week",
        "schedule": {
            "timeZone": "GMT Standard Time",
            "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
            "hours": [8],
            "minutes": [0],
        },
    }
    assert after["name"] == '{"name": "default", "for": "window-1"}'
    assert after["capacity"] == default["capacity"]
    assert after["recurrence"]["schedule"]["hours"] == [20]
    assert default["rules"] == window["rules"] == after["rules"] != []


@pytest.mark.parametrize(
    ("windows", "ends"),
    [
        (
            [{"days": "fri", "start": "22:30", "end": "02:15", "min_replicas": 2}],
            [(["Saturday"], 2, 15)],
        ),
        ([{"days": "sun", "start": "12:00", "end": "24:00", "min_replicas": 2}], [(["Monday"], 0, 0)]),
        # Where a window follows another at once, the second one begins and nothing ends.
        (
            [
                {"days": "mon,tue", "start": "08:00", "end": "12:00", "min_replicas": 2},
                {"days": "mon", "start": "12:00", "end": "14:00", "min_replicas": 3},
            ],
            [(["Tuesday"], 12, 0), (["Monday"], 14, 0)],
        ),
    ],
)
def test_when_windows_end(windows: list[dict[str, Any]], ends: list[tuple[list[str], int, int]]) -> None:
    made = profiles(scaling(schedules=windows), "id", gpu=False)
    schedules = [each["recurrence"]["schedule"] for each in made if each["name"].startswith("{")]
    assert [(each["days"], each["hours"][0], each["minutes"][0]) for each in schedules] == ends


def test_windows_alone_need_no_rule() -> None:
    declared = Scaling.model_validate({"min_replicas": 1, "max_replicas": 2, "schedules": [_WORKDAY]})
    fixed = Scaling.model_validate({"min_replicas": 2, "max_replicas": 2})
    assert is_scaled(declared)
    assert not is_scaled(fixed)


@pytest.mark.parametrize(
    ("declared", "arc", "problems"),
    [
        ({}, False, []),
        (
            {"min_replicas": 0}, False,
            ["scaling.min_replicas 0 is not to be had from Azure ML, which keeps an instance of every deployment; "
             "write 1, on the smallest instance_type that fits, or take target: kubernetes"],
        ),
        (
            {"max_replicas": 51}, False,
            ["scaling.max_replicas 51 is more than the 50 instances that a deployment has; lower it"],
        ),
        ({"max_replicas": 51}, True, []),
        (
            {"schedules": [_WORKDAY]}, True,
            ["scaling.schedules are for managed endpoints; one on an Arc cluster keeps no hours: delete them"],
        ),
        (
            {"target_requests_per_second": 5.0, "target_gpu_utilization_percent": 60.0, "target_queue_ms": 5.0}, True,
            [
                "scaling.target_requests_per_second is for managed endpoints; one on an Arc cluster scales by the "
                "share of request.max_concurrent_requests in flight: delete it",
                "scaling.target_gpu_utilization_percent is for managed endpoints; one on an Arc cluster scales by the "
                "share of request.max_concurrent_requests in flight: delete it",
            ],
        ),
        (
            {"schedules": [{**_WORKDAY, "timezone": "Antarctica/Troll"}]}, False,
            ["scaling.schedules[0].timezone 'Antarctica/Troll' has no name of Windows, which Azure Monitor asks for; "
             "did you mean 'Antarctica/Rothera'?"],
        ),
    ],
)  # fmt: skip
def test_what_azure_cannot_do_is_said(declared: dict[str, Any], arc: bool, problems: list[str]) -> None:
    assert scaling_problems(scaling(**declared), arc=arc) == problems


def test_more_windows_than_azure_monitor_has_room_for() -> None:
    windows = [
        {"days": "mon", "start": f"{hour:02}:00", "end": f"{hour:02}:30", "min_replicas": 2} for hour in range(10)
    ]
    assert scaling_problems(scaling(schedules=windows), arc=False) == [
        "scaling.schedules has 10 windows, and Azure Monitor has room for 9; join some"
    ]
    assert len(profiles(scaling(schedules=windows[:9]), "id", gpu=False)) == 19


def test_every_zone_has_one_name_of_windows() -> None:
    zones = rows("azureml_time_zones.csv")
    assert len({row["iana"] for row in zones}) == len(zones)
    assert all(row["windows"] and row["source"] and row["source_date"] for row in zones)
    named = {row["iana"]: row["windows"] for row in zones}
    assert (named["Etc/UTC"], named["America/New_York"], named["Asia/Kolkata"]) == (
        "UTC",
        "Eastern Standard Time",
        "India Standard Time",
    )
