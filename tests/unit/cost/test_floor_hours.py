"""Replicas that are guaranteed at some hours of the week: what they cost, computed by hand beside each case.

A g6.xlarge has one GPU and costs 0.8048 USD an hour, a g5.12xlarge has four and costs 5.672; a month has 730 hours.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import estimate
from modelyard.cost.floor_hours import FloorHours
from modelyard.environment.scaling import Scaling
from modelyard.graph import UNKNOWN, Resource
from modelyard.placement import workloads

from ..placement.plan import aws, deployment, graph, inference_service, keda, node_group, resource
from .figures import conserved, usd

BY_DAY = ("0 8 * * 1-5", "0 20 * * 1-5", 2)
"""60 of 168 hours."""
BASIS: dict[str, Any] = {"cluster": "elsewhere", "basis": "aws/us-east-1/g6.xlarge/on_demand"}
FOLLOWED = "scalingConfig.desiredSize"


def followed(group: Resource) -> Resource:
    """Its number of nodes is an autoscaler's."""
    group.ignore_changes = (FOLLOWED,)
    return group


def average(base: int, *windows: tuple[str, str, int], most: int = 9, zone: str = "UTC") -> Decimal:
    found = workloads(graph(deployment("a"), keda("a", base, most, *windows, zone=zone)))
    return FloorHours(found).average(found[0])


@pytest.mark.parametrize(
    ("base", "windows", "replica_hours"),
    [
        (1, [], 168),
        (0, [BY_DAY], 2 * 60),
        (1, [BY_DAY], 168 + 60),
        # Two hold at noon: the highest counts.
        (0, [BY_DAY, ("0 12 * * 1-5", "0 14 * * 1-5", 5)], 2 * 50 + 5 * 10),
        (1, [BY_DAY, ("0 20 * * 1-5", "0 23 * * 1-5", 3)], 168 + 60 + 2 * 15),
        # A window below the base raises nothing, and none is above the most.
        (3, [BY_DAY], 3 * 168),
        (0, [("0 8 * * 1-5", "0 20 * * 1-5", 12)], 9 * 60),
        # Over midnight, and over the end of the week.
        (0, [("0 22 * * 1", "0 6 * * 2", 1)], 8),
        (0, [("0 22 * * 6", "30 6 * * 0", 1)], 8.5),
        # From one end to the next a trigger stays active when no start lies between.
        (0, [("0 8 * * 1", "0 20 * * 1,2", 1)], 36),
        # All days, one after the other.
        (0, [("0 0 * * *", "0 0 * * *", 1)], 168),
    ],
)
def test_the_average_of_a_week(base: int, windows: list[tuple[str, str, int]], replica_hours: float) -> None:
    assert average(base, *windows) * 168 == pytest.approx(Decimal(replica_hours))


@pytest.mark.parametrize(
    "windows",
    [
        [{"days": "mon-fri", "start": "08:00", "end": "20:00", "min_replicas": 3}],
        [{"days": "sat,sun", "start": "18:30", "end": "02:00", "min_replicas": 2}],
        [
            {"days": "mon-fri", "start": "08:00", "end": "12:00", "min_replicas": 2},
            {"days": "mon-fri", "start": "12:00", "end": "24:00", "min_replicas": 4},
        ],
    ],
)
def test_it_is_what_the_declaration_means(windows: list[dict[str, Any]]) -> None:
    declared = Scaling.model_validate({"min_replicas": 1, "max_replicas": 5, "schedules": windows})
    found = [(*window.cron(), window.min_replicas) for window in declared.schedules]
    assert float(average(1, *found)) == pytest.approx(declared.average_floor)


def test_pods_of_a_pool_in_another_stack_cost_their_hours() -> None:
    """2 pods for 60 of 168 hours: 2 x 60 / 168 x 730 x 0.8048 = 419.645714; at the most 4 x 730 x 0.8048."""
    found = estimate(
        graph(deployment("a", department="merchandising", model="tagging", **BASIS), keda("a", 0, 4, BY_DAY))
    )
    assert found.departments == {"merchandising": usd("419.65")}
    assert found.models == {("merchandising", "tagging"): usd("419.65")}
    assert found.at_max == usd("2350.02")
    (line,) = found.lines
    assert line.what == (
        "0.71 pods on average over a week (0 to 2) of a on g6.xlarge (on demand), pool in another stack"
    )
    assert "replicas that are guaranteed at some hours are priced by their hours of a week" in found.assumptions
    assert (
        "models that may sleep are priced with no replica outside of their windows: tagging; the hours for which "
        "requests wake them come on top"
    ) in found.assumptions
    conserved(found)


def test_a_model_that_always_may_sleep_costs_nothing_until_somebody_asks() -> None:
    found = estimate(graph(deployment("a", department="merchandising", **BASIS), keda("a", 0, 2)))
    assert (found.total, found.at_max) == (usd("0.00"), usd("1175.01"))
    assert [line.what for line in found.lines] == ["0 pods of a on g6.xlarge (on demand), pool in another stack"]
    assert any(each.startswith("models that may sleep are priced with no replica") for each in found.assumptions)
    conserved(found)


def test_nodes_that_an_autoscaler_owns_follow_the_hours() -> None:
    """2 nodes for 60 of 168 hours: 2 x 60 / 168 x (730 x 0.8048 + 100 x 0.08) = 425.36."""
    group = followed(node_group("gpu", desired=0))
    found = estimate(graph(aws(), group, deployment("a", department="merchandising"), keda("a", 0, 4, BY_DAY)))
    assert found.departments == {"merchandising": usd("425.36")}
    assert (found.total, found.idle) == (usd("425.36"), usd("0.00"))
    assert (
        "pool gpu: its nodes follow the hours in which replicas are guaranteed; the minutes that an autoscaler takes "
        "to bring and to take away a node are not counted"
    ) in found.assumptions
    conserved(found)


def test_nodes_that_nobody_takes_away_idle_outside_of_the_hours() -> None:
    """2 nodes all week: 2 x 595.504 = 1,191.008, of which 60 of 168 hours are asked for."""
    group = node_group("gpu", desired=0)
    found = estimate(graph(aws(), group, deployment("a", department="merchandising"), keda("a", 0, 4, BY_DAY)))
    assert found.departments == {"merchandising": usd("425.36")}
    assert (found.total, found.idle) == (usd("1191.01"), usd("765.65"))
    assert (
        "pool gpu: no autoscaler owns its nodes, so those of the hour that guarantees most replicas are counted for "
        "the whole week"
    ) in found.assumptions
    conserved(found)


def test_two_models_on_one_pool_hour_by_hour() -> None:
    """4 GPUs a node. By day (60 hours) 3 and 2 GPUs: two nodes; else 1 and 2: one. A GPU-hour is a quarter of a node's.

    Nodes: 730 x 228 / 168 x 5.672 = 5,619.331429, volumes (50 GB) 228 / 168 x 4 = 5.428571.
    a: 730 x (60 x 3 + 108) / 168 / 4 x 5.672 + 1.714286 = 1,776.239811; b: 730 x 2 / 4 x 5.672 + 2 = 2,072.28.
    """
    group = followed(node_group("gpu", "g5.12xlarge", desired=1, most=4, diskSize=50))
    made = [
        inference_service("a", {"minReplicas": 1}, scaler="external"),
        keda("a-predictor", 1, 4, ("0 8 * * 1-5", "0 20 * * 1-5", 3)),
        deployment("b", replicas=2, department="supply-chain"),
    ]
    found = estimate(graph(aws(), group, *made))
    assert found.departments == {"merchandising": usd("1776.24"), "supply-chain": usd("2072.28")}
    assert found.total == usd("5624.76")
    assert found.idle == usd("1776.24")
    conserved(found)


def test_schedules_of_nodes_and_windows_of_replicas_meet_in_utc() -> None:
    """Nodes from 7 to 19 UTC (8 to 20 in Berlin), at most 2 and at least 1; replicas from 12 to 16 UTC: 2 nodes for 20
    hours, 1 for 40. 80 / 168 x (730 x 0.8048 + 8) = 283.573333, half of which is asked for."""
    group = followed(node_group("gpu", desired=1))
    schedules = [
        resource(
            "aws:autoscaling/schedule:Schedule",
            name,
            {
                "autoscalingGroupName": UNKNOWN,
                "recurrence": recurrence,
                "timeZone": "Europe/Berlin",
                "maxSize": most,
                "desiredCapacity": least,
            },
            property_dependencies={"autoscalingGroupName": (group.urn,)},
        )
        for name, recurrence, least, most in (("up", "0 8 * * MON-FRI", 1, 2), ("down", "0 20 * * MON-FRI", 0, 0))
    ]
    window = ("0 12 * * 1-5", "0 16 * * 1-5", 2)
    found = estimate(
        graph(aws(), group, *schedules, deployment("a", department="merchandising"), keda("a", 0, 2, window))
    )
    assert (found.departments, found.total) == ({"merchandising": usd("141.79")}, usd("283.57"))
    assert any(each.endswith("in UTC, as they are in winter, since they name different time zones")
               for each in found.assumptions)  # fmt: skip
    conserved(found)


@pytest.mark.parametrize(
    ("window", "zone", "problem"),
    [
        (
            ("0 8 1 * *", "0 20 1 * *", 2),
            "UTC",
            "windows of a: recurrence '0 8 1 * *' names days of the month or months; only weekly patterns can be "
            "priced. Its highest floor is taken for every hour.",
        ),
        (("0 8 * *", "0 20 * * *", 2), "UTC", "recurrence '0 8 * *' has 4 fields; allowed are five."),
    ],
)
def test_windows_that_are_no_hours_of_a_week_count_at_every_hour(
    window: tuple[str, str, int], zone: str, problem: str
) -> None:
    """2 x 730 x 0.8048."""
    found = estimate(graph(deployment("a", department="merchandising", **BASIS), keda("a", 0, 4, window, zone=zone)))
    assert found.departments == {"merchandising": usd("1175.01")}
    assert any(problem in each for each in found.assumptions)


def test_windows_whose_hours_are_not_known_yet_count_at_every_hour() -> None:
    scaler = keda("a", 0, 4, BY_DAY)
    scaler.inputs["spec"]["triggers"][1]["metadata"]["timezone"] = UNKNOWN
    found = estimate(graph(deployment("a", department="merchandising", **BASIS), scaler))
    assert found.departments == {"merchandising": usd("1175.01")}
