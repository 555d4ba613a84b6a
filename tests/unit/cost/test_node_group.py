"""Node groups, computed by hand beside each case. A month has 730 hours unless a case says otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.cost import Assumptions, PriceOverride, estimate
from modelyard.graph import UNKNOWN, Resource, Secret

from ..placement.plan import autoscaler, aws, deployment, graph, node_group, resource
from .figures import conserved, usd


def test_a_gpu_pool_is_split_among_three_departments_and_the_rest_is_idle() -> None:
    """One g5.12xlarge (4 GPUs), 5.672 USD an hour, 50 GB gp3 at 0.08 USD a GB-month; 2 nodes, 8 GPUs.

    Nodes: 2 x 730 x 5.672 = 8,281.12; volumes: 2 x 50 x 0.08 = 8.00; a GPU: 1,035.14 and 1.00.
    merchandising asks for 3 GPUs, customer-insights for 1, supply-chain for 2, nobody for 2.
    """
    found = estimate(
        graph(
            aws(),
            node_group("gpu", "g5.12xlarge", desired=2, most=4, diskSize=50),
            deployment("tagging", gpus=1, replicas=3, department="merchandising", model="tagging"),
            deployment("reviews", gpus=1, department="customer-insights", model="reviews"),
            deployment("demand", gpus=2, department="supply-chain", model="demand"),
        )
    )
    assert found.departments == {
        "customer-insights": usd("1036.14"),
        "merchandising": usd("3108.42"),
        "supply-chain": usd("2072.28"),
    }
    assert found.models[("merchandising", "tagging")] == usd("3108.42")
    assert (found.shared, found.idle) == (usd("0.00"), usd("2072.28"))
    assert found.total == usd("8289.12")
    # Two more nodes at the maximum: twice as much.
    assert found.at_max == usd("16578.24")
    assert found.unpriced == []
    assert found.priced_share == {"resources": 1.0, "fixed": 1.0, "dollars": 1.0}
    conserved(found)


def test_guaranteed_replicas_start_more_nodes_than_declared() -> None:
    """5 pods of one GPU on g6.xlarge: 5 nodes although 1 is declared. 5 x 730 x 0.8048 + 5 x 100 x 0.08."""
    found = estimate(
        graph(
            aws(),
            node_group("gpu", desired=1),
            deployment("a", department="merchandising", replicas=2),
            autoscaler("a", 5, 9),
        )
    )
    assert found.departments == {"merchandising": usd("2937.52") + usd("40.00")}
    assert found.idle == usd("0.00")


def test_a_cpu_pool_is_split_by_the_larger_of_cpu_and_memory_and_the_rest_is_shared_on_a_system_pool() -> None:
    """m6i.2xlarge: 8 cores less 90m reserved and 180m of the add-ons leave 7,730m; a node is 0.384 USD an hour.

    3,865m is half a node: 0.5 x (730 x 0.384 + 20 x 0.08) = 0.5 x 281.92 = 140.96.
    """
    found = estimate(
        graph(
            aws(),
            node_group("system", "m6i.2xlarge", gpu=False, diskSize=20, most=1),
            deployment("etl", pool="system", gpus=0, cpu="3865m", memory="1Gi", department="supply-chain"),
            deployment("gateway", pool="system", gpus=0, cpu="100m", memory="1Gi", department="platform"),
        )
    )
    assert found.departments == {"supply-chain": usd("140.96")}
    assert (found.shared, found.idle) == (usd("140.96"), usd("0.00"))
    conserved(found)


def night_schedules(group: Resource) -> list[Resource]:
    def action(name: str, recurrence: str, size: int) -> Resource:
        return resource(
            "aws:autoscaling/schedule:Schedule",
            name,
            {
                "autoscalingGroupName": UNKNOWN,
                "recurrence": recurrence,
                "timeZone": "Europe/Berlin",
                "minSize": size,
                "maxSize": size * 2,
                "desiredCapacity": size,
            },
            property_dependencies={"autoscalingGroupName": (group.urn,)},
        )

    return [action("morning", "0 8 * * MON-FRI", 1), action("evening", "0 20 * * MON-FRI", 0)]


def test_a_pool_at_zero_at_night_costs_its_hours_only() -> None:
    """Up 12 hours on 5 days: 60 of 168 hours, 730 x 60 / 168 = 260.714... hours of a g6.xlarge.

    Nodes: 260.714286 x 0.8048 = 209.822857; volume: 100 x 0.08 x 60 / 168 = 2.857143; together 212.68.
    """
    group = node_group("gpu", desired=1)
    found = estimate(graph(aws(), group, *night_schedules(group), deployment("a", department="merchandising")))
    assert found.departments == {"merchandising": usd("212.68")}
    assert found.total == usd("212.68")
    # At most 2 nodes by day, none at night.
    assert found.at_max == usd("425.36")
    conserved(found)


def test_requests_past_a_pool_that_a_schedule_holds_small_share_its_nodes() -> None:
    """Four pods ask for four GPUs, the schedule allows one node of one: three quarters and one quarter of it.

    730 x 0.8048 + 100 x 0.08 = 595.504: 446.628 and 148.876.
    """
    group = node_group("gpu", desired=1)
    schedules = night_schedules(group)
    for each in schedules:
        each.inputs.update(desiredCapacity=1, maxSize=1)
    asked = [
        deployment("a", department="merchandising", replicas=3),
        deployment("b", department="supply-chain", replicas=1),
    ]
    found = estimate(graph(aws(), group, *schedules, *asked))
    assert found.departments == {"merchandising": usd("446.63"), "supply-chain": usd("148.87")}
    assert (found.total, found.idle) == (usd("595.50"), usd("0.00"))


def test_a_schedule_that_leaves_the_maximum_does_not_keep_needed_nodes_away() -> None:
    group = node_group("gpu", desired=1)
    schedules = night_schedules(group)
    for each in schedules:
        each.inputs["maxSize"] = -1
    found = estimate(graph(aws(), group, *schedules, deployment("a", department="merchandising")))
    # 730 x 0.8048 + 100 x 0.08
    assert found.departments == {"merchandising": usd("595.50")}
    assert (
        "pool gpu: a schedule asks for no nodes, but guaranteed replicas need 1 and its maxSize allows them; "
        "1 are counted"
    ) in found.assumptions


def test_a_schedule_of_no_node_group_is_said_to_change_nothing() -> None:
    lost = resource("aws:autoscaling/schedule:Schedule", "lost", {"recurrence": "0 8 * * *"})
    assert (
        "schedule lost belongs to no node group of this graph and changes no hours" in estimate(graph(lost)).assumptions
    )


def test_a_dedicated_pool_is_its_departments_with_what_idles_there() -> None:
    """A whole g6.xlarge and its 100 GB: 730 x 0.8048 + 8.00, half of which nobody requests."""
    found = estimate(
        graph(
            aws(),
            node_group("gpu", desired=2, tags={"department": "merchandising"}),
            deployment("a", department="merchandising", model="tagging"),
        )
    )
    assert found.departments == {"merchandising": usd("1191.01")}
    assert found.models == {("merchandising", "tagging"): usd("595.51")}
    assert found.idle == usd("0.00")


@pytest.mark.parametrize(
    ("assumptions", "department", "dollars", "reason"),
    [
        (
            Assumptions(),
            None,
            1.0,
            "no spot price of g7.2xlarge in us-east-1 is known; declare spot_discount or a price override",
        ),
        # 730 x 2.52 x 0.4 = 735.84; the volume is 8.00 at a sourced price: 8 / 743.84 = 0.0108.
        (Assumptions(spot_discount={"g7": Decimal("0.6")}), "743.84", 0.0108, None),
        # 730 x 1 = 730
        (
            Assumptions(price_overrides=(PriceOverride("aws/*/g7.2xlarge/spot", Decimal(1), "hour", "a quote"),)),
            "738.00",
            0.0108,
            None,
        ),
    ],
)
def test_a_missing_spot_price_is_unpriced_or_a_declared_assumption(
    assumptions: Assumptions, department: str | None, dollars: float, reason: str | None
) -> None:
    found = estimate(
        graph(aws(), node_group("gpu", "g7.2xlarge", spot=True), deployment("a", department="merchandising")),
        assumptions,
    )
    assert found.departments == ({"merchandising": usd(department)} if department else {})
    assert found.priced_share["dollars"] == dollars
    # The pool itself, and the department whose pods are to run there.
    assert [(each.department, each.reason) for each in found.unpriced] == (
        [(None, reason), ("merchandising", reason)] if reason else []
    )
    if not reason:
        assert any("g7.2xlarge" in each for each in found.assumptions)
        assert any(line.assumed and "g7.2xlarge" in line.assumed for line in found.lines)


def test_a_spot_price_is_of_no_known_date() -> None:
    found = estimate(graph(aws(), node_group("gpu", spot=True)))
    (line,) = (each for each in found.lines if each.unit == "node-hour")
    assert (line.unit_usd, line.source_date) == (usd("0.38205"), "")


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"desired": UNKNOWN}, "its scaling sizes are not known before the deployment"),
        ({"desired": Secret(3)}, "its scaling sizes are not known before the deployment"),
        ({"scalingConfig": UNKNOWN}, "its scaling sizes are not known before the deployment"),
        ({"instance_type": UNKNOWN}, "its instance type is not known before the deployment"),
        ({"instanceTypes": UNKNOWN}, "its instance type is not known before the deployment"),
        (
            {"instance_type": "g99.huge"},
            "the catalog has no instance type g99.huge; a price override of 'aws/us-east-1/g99.huge/on_demand' by the "
            "hour can declare one",
        ),
        (
            {"region": "us-west-2", "instance_type": "m7i.large"},
            "the catalog has no price of m7i.large in us-west-2; price_regions can take that of us-east-1, or a "
            "price override of "
            "'aws/us-west-2/m7i.large/on_demand' by the hour can declare one",
        ),
    ],
)
def test_a_node_group_that_is_not_known_enough_is_unpriced(group: dict[str, Any], reason: str) -> None:
    found = estimate(graph(aws(), node_group("gpu", **group)))
    assert [each.reason for each in found.unpriced] == [reason]
    assert found.lines == []


def test_root_volumes_come_from_the_launch_template() -> None:
    template = resource(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "gpu",
        {
            "blockDeviceMappings": [
                {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 200, "volumeType": "gp3", "throughput": 500}},
                {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": UNKNOWN, "volumeType": "gp3"}},
                {"deviceName": "/dev/xvdc", "ebs": {"volumeType": "gp3"}},
            ]
        },
    )
    group = node_group("gpu")
    group.property_dependencies["launchTemplate"] = (template.urn,)
    found = estimate(graph(aws(), template, group))
    # 200 x 0.08, and 375 x 0.04 for what is above 125 MiB/s
    disks = [(line.unit, line.usd) for line in found.lines if line.unit in ("GB-month", "MiBps-month")]
    assert disks == [("GB-month", usd("16.00")), ("MiBps-month", usd("15.00"))]
    assert [each.reason for each in found.unpriced] == [
        "its size is not known before the deployment",
        "its size is the machine image's own",
    ]


def test_detailed_monitoring_follows_the_nodes() -> None:
    """7 metrics of 0.30 USD for each of 3 nodes: 6.30. The source of that price names no region: an assumption."""
    template = resource("aws:ec2/launchTemplate:LaunchTemplate", "gpu", {"monitoring": {"enabled": True}})
    group = node_group("gpu", desired=3)
    group.property_dependencies["launchTemplate"] = (template.urn,)
    found = estimate(graph(aws(), template, group))
    (line,) = (each for each in found.lines if each.unit == "metric-month")
    assert line.usd == usd("6.30")
    assert line.assumed == (
        "price of CloudWatch (custom metric, first tier (first 10000)): its source does not say which region it means"
    )


def test_the_platforms_own_pods_on_gpus_are_shared() -> None:
    """One of two g6.xlarge: 730 x 0.8048 + 100 x 0.08 for each."""
    found = estimate(graph(aws(), node_group("gpu", desired=2), deployment("canary", department="platform")))
    assert (found.shared, found.idle, found.departments) == (usd("595.51"), usd("595.50"), {})
    assert found.total == usd("1191.01")


def test_a_pool_without_nodes_is_one_line_of_no_dollars() -> None:
    found = estimate(graph(aws(), node_group("gpu", desired=0, most=2)))
    assert [(line.unit, line.quantity, line.usd) for line in found.lines] == [("node-hour", 0, usd("0.00"))]
    # 2 x (730 x 0.8048 + 100 x 0.08) = 1,191.008
    assert found.at_max == usd("1191.01")
