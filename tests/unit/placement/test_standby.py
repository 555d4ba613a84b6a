"""Pods of which no two share a node, and CronJobs that say how many there are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from modelyard.catalog import Allocatable
from modelyard.cost.floor_hours import FloorHours
from modelyard.graph import Resource
from modelyard.placement import Requests, place, workloads
from modelyard.placement.nodes import Nodes

from .plan import deployment, graph, node_group, resource

STANDBY = "modelyard.dev/standby"
LABELS = {STANDBY: "gpu"}
APART = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": LABELS}}
        ]
    }
}
DAY, NIGHT, FRIDAY = ("0 8 * * 1-5", 3), ("0 20 * * *", 1), ("0 12 * * 5", 2)


def standby(replicas: int = 0, *, affinity: Any = APART) -> Resource:
    made = deployment("standby", replicas=replicas, gpus=0, cpu="1m", memory="8Mi", affinity=affinity)
    made.inputs["spec"]["template"]["metadata"]["labels"].update(LABELS)
    made.inputs["spec"]["template"]["spec"]["tolerations"] = [{"operator": "Exists"}]
    made.inputs["metadata"]["labels"] = LABELS
    return made


def cron_job(name: str, schedule: str, nodes: int, zone: str = "Etc/UTC", **labels: str) -> Resource:
    metadata = {"name": name, "namespace": "models", "annotations": {"modelyard.dev/standby-nodes": str(nodes)}}
    inputs = {"metadata": {**metadata, "labels": labels or LABELS}, "spec": {"schedule": schedule, "timeZone": zone}}
    return resource("kubernetes:batch/v1:CronJob", name, inputs)


@pytest.mark.parametrize(
    ("served", "standing", "most", "nodes", "misfits", "waiting"),
    [
        (0, 3, 5, 3, 0, 0),
        # What runs already keeps its node.
        (2, 3, 5, 3, 0, 0),
        (4, 3, 5, 4, 0, 0),
        # There is room for all on the pool, but not a node for each.
        (0, 4, 3, 3, 1, 1),
        (3, 4, 3, 3, 1, 1),
        (0, 0, 3, 0, 0, 0),
    ],
)
def test_each_takes_a_node_that_others_may_use(
    served: int, standing: int, most: int, nodes: int, misfits: int, waiting: int
) -> None:
    group = node_group("gpu", desired=0, most=most)
    placed = place(graph(group, deployment("model", replicas=served, memory="1Gi"), standby(standing)))
    assert placed.pools[0].nodes_needed_at_floor == nodes
    assert sum(each.replicas for each in placed.misfits if each.at == "floor") == misfits
    assert sum(each.replicas for each in placed.waiting) == waiting


@pytest.mark.parametrize(
    "affinity",
    [
        {},
        {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        # Apart from others, and in a zone.
        {"podAntiAffinity": {key: [{**term[0], "labelSelector": {"matchLabels": {"a": "b"}}}]
                             for key, term in APART["podAntiAffinity"].items()}},
        {"podAntiAffinity": {key: [{**term[0], "topologyKey": "topology.kubernetes.io/zone"}]
                             for key, term in APART["podAntiAffinity"].items()}},
    ],
)  # fmt: skip
def test_others_share_a_node(affinity: Any) -> None:
    placed = place(graph(node_group("gpu", desired=0), standby(3, affinity=affinity)))
    assert placed.pools[0].nodes_needed_at_floor == 1


def test_a_node_that_was_just_taken_is_not_taken_again_as_another_like_it() -> None:
    nodes = Nodes(Allocatable(cpu_millicores=40, memory_mib=100, gpus=0, pods=9), limit=9)
    assert nodes.put(Requests(cpu_millicores=10, memory_mib=50), 1) == 1
    assert nodes.put(Requests(cpu_millicores=20, memory_mib=60), 1) == 1
    assert nodes.put(Requests(cpu_millicores=10, memory_mib=10), 3, each_at_most=1) == 3
    assert nodes.opened == 3


@pytest.mark.parametrize(
    ("first", "changes", "most", "replica_hours"),
    [
        (0, [], 0, 0),
        (2, [], 2, 2 * 168),
        # One that is ever the same holds from the first week on.
        (0, [DAY], 3, 3 * 168),
        (0, [DAY, NIGHT], 3, 3 * 60 + 1 * 108),
        (0, [NIGHT, DAY], 3, 3 * 60 + 1 * 108),
        (0, [DAY, NIGHT, FRIDAY], 3, 3 * 52 + 2 * 8 + 1 * 108),
        # What it began with counts for room, not for the weeks after.
        (4, [DAY, NIGHT], 4, 3 * 60 + 1 * 108),
        # A day of the month has no place in a week: the most at every hour.
        (0, [DAY, ("0 0 1 * *", 5)], 5, 5 * 168),
    ],
)
def test_the_hours_of_a_week(first: int, changes: list[tuple[str, int]], most: int, replica_hours: int) -> None:
    jobs = [cron_job(f"job-{position}", *each) for position, each in enumerate(changes)]
    (found,) = workloads(graph(standby(first), *jobs))
    assert (found.replicas_floor, found.replicas_max) == (most, most)
    hours = FloorHours([found])
    assert hours.average(found) * 168 == pytest.approx(Decimal(replica_hours))
    assert len(hours.problems) == ("0 0 1 * *" in str(changes))


def test_time_zones_are_laid_side_by_side() -> None:
    tokyo, utc = cron_job("a", "0 9 * * *", 4, "Asia/Tokyo"), cron_job("b", "0 12 * * *", 0)
    (found,) = workloads(graph(standby(), tokyo, utc))
    assert FloorHours([found]).average(found) * 24 == pytest.approx(Decimal(4 * 12))


def test_cron_jobs_of_another_pool_or_of_nobody_change_nothing() -> None:
    jobs = [cron_job("a", *DAY, **{STANDBY: "other"}), cron_job("b", *DAY, app="backup")]
    (found,) = workloads(graph(standby(2), *jobs))
    assert (found.replicas_floor, found.changes) == (2, ())
