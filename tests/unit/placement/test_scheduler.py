"""What waits once the scheduler has spread the pods, beside what fits nowhere: rules of kube-scheduler, one by one."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.graph import Resource
from modelyard.placement import Placement, place, pools, workloads
from modelyard.placement.scheduler import TooMany, schedule

from .plan import deployment, graph, node_group, resource

NO_ROOM = "no node that may take it has room left"
SPREAD = "its topology spread (DoNotSchedule) allows no more pods where nodes have room"
ZONES = ("us-east-1a", "us-east-1b")


def subnets(*zones: str) -> list[Resource]:
    return [resource("aws:ec2/subnet:Subnet", zone, {"availabilityZone": zone}) for zone in zones]


def standing(group: Resource, *zones: str) -> list[Resource]:
    """The group, in subnets of these zones."""
    made = subnets(*zones)
    group.property_dependencies["subnetIds"] = tuple(subnet.urn for subnet in made)
    return [*made, group]


def apart(name: str, key: str, *, skew: int = 1, required: bool = True) -> dict[str, Any]:
    constraint = {
        "maxSkew": skew,
        "topologyKey": key,
        "whenUnsatisfiable": "DoNotSchedule" if required else "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"modelyard.dev/model": name}},
    }
    return {"model": name, "topologySpreadConstraints": [constraint]}


def waiting(placed: Placement) -> list[tuple[str, int, str]]:
    return [(each.name, each.replicas, each.reason) for each in placed.waiting]


def test_small_pods_that_are_spread_leave_no_whole_node_to_a_large_one() -> None:
    group = node_group("gpu", "g5.12xlarge", most=2)
    small, large = deployment("small", replicas=4), deployment("large", gpus=4)
    placed = place(graph(group, small, large))
    # Packed, four small pods take one node and the large one the other.
    assert placed.misfits == ()
    assert waiting(placed) == [("large", 1, NO_ROOM)]
    assert placed.unpacked == placed.waiting
    assert placed.to_json()["waiting"] == [
        {"urn": large.urn, "name": "large", "cluster": "main", "replicas": 1, "reason": NO_ROOM}
    ]
    # Who comes first, by the program's order or by priority, has the whole node.
    assert place(graph(group, large, small)).waiting == ()
    urgent = resource("kubernetes:scheduling.k8s.io/v1:PriorityClass", "urgent", {"value": 1000})
    large.inputs["spec"]["template"]["spec"]["priorityClassName"] = "urgent"
    assert place(graph(group, urgent, small, large)).waiting == ()


def test_what_fits_nowhere_waits_too_and_is_said_once() -> None:
    placed = place(graph(node_group("gpu", most=1), deployment("a", replicas=2)))
    assert waiting(placed) == [("a", 1, NO_ROOM)]
    assert placed.unpacked == ()
    assert [each.replicas for each in placed.misfits] == [1]


@pytest.mark.parametrize(
    ("key", "skew", "required", "left"),
    [
        # Three nodes in two zones: two in the first, one in the second, each with room for one pod.
        ("topology.kubernetes.io/zone", 1, True, 0),
        ("kubernetes.io/hostname", 1, True, 0),
        ("topology.kubernetes.io/zone", 1, False, 0),
    ],
)
def test_pods_that_are_spread_evenly(key: str, skew: int, required: bool, left: int) -> None:
    service = deployment("a", replicas=3, **apart("a", key, skew=skew, required=required))
    placed = place(graph(*standing(node_group("gpu", most=3), *ZONES), service))
    assert sum(each.replicas for each in placed.waiting) == left


def test_spread_that_must_hold_leaves_nodes_with_room() -> None:
    """The second zone has one node, which is full after one pod; the first may then have two, and has five nodes."""
    first = node_group("first", most=5, labels={"modelyard.dev/cluster": "main", "modelyard.dev/pool": "gpu"})
    second = node_group("second", most=1, labels={"modelyard.dev/cluster": "main", "modelyard.dev/pool": "gpu"})
    service = deployment("a", replicas=4, **apart("a", "topology.kubernetes.io/zone"))
    placed = place(graph(*standing(first, ZONES[0]), *standing(second, ZONES[1]), service))
    assert placed.misfits == ()
    assert waiting(placed) == [("a", 1, SPREAD)]


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        ("us-east-1b", None),
        ("us-east-1d", "gpu: asks for the zone us-east-1d, the pool's nodes stand in us-east-1a, us-east-1b"),
    ],
)
def test_a_zone_that_no_node_stands_in(zone: str, reason: str | None) -> None:
    wanted = {"modelyard.dev/pool": "gpu", "topology.kubernetes.io/zone": zone}
    placed = place(graph(*standing(node_group("gpu"), *ZONES), deployment("a", nodeSelector=wanted)))
    assert [each.reasons for each in placed.misfits if each.at == "floor"] == ([(reason,)] if reason else [])
    # Where the plan does not know the zones, nothing is refused.
    assert place(graph(node_group("gpu"), deployment("a", nodeSelector=wanted))).misfits == ()


def test_a_zone_has_only_its_share_of_the_nodes() -> None:
    wanted = {"topology.kubernetes.io/zone": ZONES[1]}
    placed = place(
        graph(*standing(node_group("gpu", most=3), *ZONES), deployment("a", replicas=2, nodeSelector=wanted))
    )
    assert waiting(placed) == [("a", 1, NO_ROOM)]


def test_preferred_pools_fill_first() -> None:
    preferred = {"key": "modelyard.dev/pool", "operator": "In", "values": ["spot"]}
    affinity = {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 100, "preference": {"matchExpressions": [preferred]}}
            ]
        }
    }
    flexible = deployment("flexible", replicas=2, nodeSelector={}, affinity=affinity)
    bound = deployment("bound", pool="steady", replicas=2)
    groups = (node_group("spot", spot=True, most=2), node_group("steady", most=2))
    assert place(graph(*groups, flexible, bound)).waiting == ()
    del flexible.inputs["spec"]["template"]["spec"]["affinity"]
    old = {"key": "example.com/old", "effect": "PREFER_NO_SCHEDULE"}
    groups[1].inputs["taints"].append(old)
    assert place(graph(*groups, flexible, bound)).waiting == ()


@pytest.mark.parametrize(
    ("mib", "sharing", "reason"),
    [
        (20_000, {}, None),
        (24_000, {}, "gpu: takes 24000 MiB of each GPU, those of g6.xlarge have 22888 MiB"),
        (
            6_000,
            {"modelyard.dev/gpu-devices": "4", "modelyard.dev/gpu-sharing": "mps-4"},
            "gpu: takes 6000 MiB of each GPU, those of g6.xlarge (mps-4) have 5722 MiB",
        ),
    ],
)
def test_the_memory_of_a_gpu(mib: int, sharing: dict[str, str], reason: str | None) -> None:
    service = deployment("a")
    service.inputs["spec"]["template"]["metadata"]["annotations"]["modelyard.dev/gpu-memory-mib"] = str(mib)
    group = node_group("gpu")
    group.inputs["labels"] |= sharing
    placed = place(graph(group, service))
    assert [each.reasons for each in placed.misfits if each.at == "floor"] == ([(reason,)] if reason else [])
    fill = placed.pools[0].fill_at_floor
    assert fill is not None and fill.gpu_memory == (None if reason else 0.8738)


def test_a_cluster_too_large_to_follow_is_said() -> None:
    made = graph(node_group("gpu", most=4), *(deployment(f"a{number}") for number in range(4)))
    pods = [(workload, 1) for workload in workloads(made)]
    assert schedule(pools(made), pods, comparisons_at_most=100).waiting == {}
    with pytest.raises(TooMany):
        schedule(pools(made), pods, comparisons_at_most=3)
