"""What becomes of declared pools and clusters, what they take along, and what is lost with data in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource, ResourceGraph
from modelyard.review.change_text import headline, lost_sentences, sentence
from modelyard.review.changes import Changes, changes_since
from modelyard.review.cluster_lines import ClusterLine
from modelyard.review.earlier_plan import EarlierDeclaration, EarlierPlan, EarlierResource
from modelyard.review.plan import StackPlan
from modelyard.review.pool_lines import PoolLine
from modelyard.review.recreation_text import recreation_sentence

CLUSTER, POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"
BUCKET, SUBNET = "aws:s3/bucket:Bucket", "gcp:compute/subnetwork:Subnetwork"
NODES = "urn:pulumi:prod::shop::modelyard:index:GpuNodePool::prod-iowa-l4"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def earlier(*resources: EarlierResource, **more: Any) -> EarlierPlan:
    return EarlierPlan("before.json", "prod", "0.1.0", {each.urn: each for each in resources}, **more)


def was(type_: str, name: str, inputs: dict[str, Any], **more: Any) -> EarlierResource:
    return EarlierResource(urn(type_, name), type_, name, "prod", True, inputs, **more)


def resource(type_: str, name: str, inputs: dict[str, Any], **more: Any) -> Resource:
    return Resource(urn(type_, name), type_, name, inputs, "prod", **more)


def since(before: EarlierPlan, *now: Resource, pools: Any = (), clusters: Any = ()) -> Changes:
    return changes_since(before, [StackPlan("prod", "all", ResourceGraph(now), {})], "", pools, clusters)


def said(changes: Changes) -> list[str]:
    return [sentence(each) for each in changes.all]


@pytest.mark.parametrize(
    ("inputs", "protect", "guard"),
    [
        ({}, False, "; S3 refuses that while there are any"),
        ({"forceDestroy": True}, False, ""),
        ({"forceDestroy": True}, True, "; it is protected: pulumi up refuses that"),
    ],
)
def test_what_is_lost_with_a_bucket_comes_first(inputs: dict[str, Any], protect: bool, guard: str) -> None:
    bucket = was(BUCKET, "models", inputs, protect=protect)
    found = since(earlier(bucket, was(POOL, "l4", {})), resource(POOL, "t4", {}))
    assert [each.name for each in found.all] == ["models", "l4", "t4"]
    assert list(lost_sentences(found)) == [f"Bucket models is deleted, with the objects in it{guard}"]
    assert headline(found).startswith("data of 1 lost, 2 deleted, ")


def test_a_network_takes_its_cluster_and_the_cluster_its_pools_which_go_first() -> None:
    subnet = {"name": "prod-iowa-0a1b2c3", "ipCidrRange": "10.0.0.0/18"}
    cluster = {"name": "prod-iowa", "location": "us-central1", "subnetwork": "prod-iowa-0a1b2c3"}
    pool = {"cluster": "prod-iowa", "location": "us-central1", "name": "prod-iowa-l4-0a1b2c3"}
    now = [
        resource(SUBNET, "prod-iowa", {**subnet, "ipCidrRange": "10.1.0.0/18"}),
        resource(CLUSTER, "prod-iowa", cluster, property_dependencies={"subnetwork": (urn(SUBNET, "prod-iowa"),)}),
        resource(POOL, "prod-iowa-l4", pool, property_dependencies={"cluster": (urn(CLUSTER, "prod-iowa"),)}),
    ]
    before = earlier(was(SUBNET, "prod-iowa", subnet), was(CLUSTER, "prod-iowa", cluster), was(POOL, now[2].name, pool))
    assert said(since(before, *now)) == [
        "Subnetwork prod-iowa: ipCidrRange cannot change in place; the new one comes before the old one goes",
        "Cluster prod-iowa: subnetwork follows Subnetwork prod-iowa, which is made anew, too; the old one goes first",
        "NodePool prod-iowa-l4: cluster follows Cluster prod-iowa, which is made anew, too; the old one goes first",
    ]


def test_a_range_that_grows_takes_nothing_along() -> None:
    subnet = {"name": "prod-iowa-0a1b2c3", "ipCidrRange": "10.0.0.0/18"}
    wider = resource(SUBNET, "prod-iowa", {**subnet, "ipCidrRange": "10.0.0.0/17"})
    assert said(since(earlier(was(SUBNET, "prod-iowa", subnet)), wider)) == ["Subnetwork prod-iowa: ipCidrRange"]


BEFORE = EarlierDeclaration(
    "prod-iowa-l4", "clusters[iowa].gpu_pools[l4]", "gcp", "managed", (), {"accelerator": "L4", "max_nodes": 3}
)
LINE = PoolLine("iowa", "l4", "gcp", "managed", (), (), "gpu_pools", "prod-iowa-l4", dict(BEFORE.declared))
IOWA = EarlierDeclaration("prod-iowa", "clusters[iowa]", "gcp", "", (), {})
ANEW = (
    "a new pool is made before the old one is drained; its pods start again there, and both count against the quota "
    "meanwhile"
)
POOLS: list[tuple[str, dict[str, Any], list[PoolLine], list[str]]] = [
    ("the same", {}, [LINE], []),
    (
        "renamed",
        {},
        [replace(LINE, name="small")],
        [
            "clusters[iowa].gpu_pools[l4]: name l4 -> small: a pool of the new name is made, and the old one is "
            "drained after it; pods that ask for the old name wait until they ask for clusters[iowa].gpu_pools[small]"
        ],
    ),
    (
        "gone",
        {},
        [],
        ["clusters[iowa].gpu_pools[l4]: goes; its pods are evicted, and run on where another pool takes them"],
    ),
    (
        "other",
        {"spot": True},
        [replace(LINE, declared={**LINE.declared, "capacity": "spot", "max_nodes": 4})],
        [
            "clusters[iowa].gpu_pools[l4]: capacity (default) -> spot (NodePool.nodeConfig.spot cannot change in place)"
            f": {ANEW}"
        ],
    ),
    (
        "no key",
        {"spot": True},
        [LINE],
        [
            "clusters[iowa].gpu_pools[l4]: no key of it differs, and this version of Modelyard decides otherwise "
            f"(NodePool.nodeConfig.spot cannot change in place): {ANEW}"
        ],
    ),
]


@pytest.mark.parametrize(("node", "lines", "told"), [each[1:] for each in POOLS], ids=[each[0] for each in POOLS])
def test_a_pool_is_told_by_its_keys(node: dict[str, Any], lines: list[PoolLine], told: list[str]) -> None:
    inputs = {"cluster": "prod-iowa", "name": "prod-iowa-l4-0a1b2c3", "nodeConfig": {"spot": False}}
    before = earlier(
        was(POOL, "prod-iowa-l4", inputs, parent=NODES),
        clusters={"iowa": IOWA},
        pools={("iowa", "l4"): BEFORE},
    )
    now = resource(POOL, "prod-iowa-l4", {**inputs, "nodeConfig": {"spot": False, **node}}, parent=NODES)
    cluster = ClusterLine("iowa", "gcp", "prod-iowa", (), (), ())
    found = since(before, now, pools=lines, clusters=[cluster]).recreations
    assert [recreation_sentence(each) for each in found] == told


def test_what_is_unknown_in_both_plans_is_the_same() -> None:
    known = {"cluster": "[unknown]", "name": "prod-iowa-l4-0a1b2c3"}
    now = resource(POOL, "l4", {**known, "cluster": UNKNOWN})
    assert since(earlier(was(POOL, "l4", known)), now).all == ()


@pytest.mark.parametrize(("recreated_by", "told"), [(("name",), 1), ((), 0)], ids=["made", "existing"])
def test_what_a_cloud_refuses_of_a_cluster_is_told_of_those_that_are_made(
    recreated_by: tuple[str, ...], told: int
) -> None:
    before = earlier(clusters={"iowa": replace(IOWA, declared={"network.pods_cidr": "10.4.0.0/14"})})
    now = ClusterLine("iowa", "gcp", "prod-iowa", recreated_by, (), (), (), {"network.pods_cidr": "10.8.0.0/14"})
    found = [recreation_sentence(each) for each in since(before, clusters=[now]).recreations]
    sentence_of_it = (
        "clusters[iowa]: network.pods_cidr 10.4.0.0/14 -> 10.8.0.0/14: GKE refuses this, and pulumi up ends with its "
        "error; undo it, or declare another cluster beside this one and move"
    )
    assert found == [sentence_of_it] * told
