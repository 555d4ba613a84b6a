"""What a plan changes of an earlier one, and which of it makes a resource anew."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource, ResourceGraph, Secret
from modelyard.review.change_text import headline, sentence
from modelyard.review.changes import Change, changes_since
from modelyard.review.earlier_plan import EarlierPlan, EarlierResource, read_earlier_plan
from modelyard.review.plan import StackPlan
from modelyard.review.pool_lines import PoolLine
from modelyard.review.refused import PlanRefused

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
POOL: dict[str, Any] = {
    "clusterName": "prod-east",
    "nodeRoleArn": UNKNOWN,
    "subnetIds": [UNKNOWN],
    "instanceTypes": ["g6.xlarge"],
    "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 3},
}


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def resource(type_: str, name: str, inputs: dict[str, Any], **more: Any) -> Resource:
    return Resource(urn(type_, name), type_, name, inputs, "prod", **more)


def earlier(*resources: tuple[str, str, dict[str, Any]]) -> EarlierPlan:
    found = [EarlierResource(urn(type_, name), type_, name, "prod", True, inputs) for type_, name, inputs in resources]
    return EarlierPlan("before.json", "prod", "0.1.0", {each.urn: each for each in found})


def changes(before: EarlierPlan, *now: Resource) -> tuple[Change, ...]:
    return changes_since(before, [StackPlan("prod", "all", ResourceGraph(now), {})], "").all


def shown(inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, "nodeRoleArn": "[unknown]", "subnetIds": ["[unknown]"]}


CASES: list[tuple[str, dict[str, Any], tuple[str, ...], str | None]] = [
    ("nothing", {}, (), None),
    ("a limit", {"scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 5}}, (), "scalingConfig"),
    (
        "the first size, which is the autoscaler's afterwards",
        {"scalingConfig": {"minSize": 1, "desiredSize": 3, "maxSize": 3}},
        ("scalingConfig.desiredSize",),
        None,
    ),
    (
        "machines",
        {"instanceTypes": ["g6.2xlarge"]},
        (),
        "instanceTypes cannot change in place; the new one comes before the old one goes",
    ),
]


@pytest.mark.parametrize(("differs", "ignored", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_pool_is_changed_in_place_or_made_anew(
    differs: dict[str, Any], ignored: tuple[str, ...], said: str | None
) -> None:
    now = resource(GROUP, "prod-east-l4", {**POOL, **differs}, ignore_changes=ignored)
    found = changes(earlier((GROUP, "prod-east-l4", shown(POOL))), now)
    assert [sentence(each) for each in found] == ([] if said is None else [f"NodeGroup prod-east-l4: {said}"])


def test_what_takes_a_new_name_is_made_anew_too() -> None:
    before = earlier(
        (GROUP, "l4", shown(POOL)),
        (SCHEDULE, "evening", {"autoscalingGroupName": "[unknown]", "scheduledActionName": "evening"}),
    )
    group = resource(GROUP, "l4", {**POOL, "instanceTypes": ["g6.2xlarge"]})
    schedule = resource(
        SCHEDULE,
        "evening",
        {"autoscalingGroupName": UNKNOWN, "scheduledActionName": "evening"},
        property_dependencies={"autoscalingGroupName": (group.urn,)},
    )
    first, second = changes(before, schedule, group)
    assert (first.type, first.because_of) == (SCHEDULE, group.urn)
    assert sentence(first).startswith(
        "Schedule evening: autoscalingGroupName follows NodeGroup l4, which is made anew, too; "
    )
    assert (second.kind, second.properties) == ("replaced", ("instanceTypes",))


FIRST = {"name": "system", "vmSize": "Standard_D4s_v5", "osDiskSizeGB": 80, "count": 2, "maxCount": 6}


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"count": 4}, []),
        ({"maxCount": 9}, ["ManagedCluster west: agentPoolProfiles"]),
        (
            {"vmSize": "Standard_D8s_v5", "osDiskSizeGB": 200},
            [
                "ManagedCluster west: agentPoolProfiles; its cloud refuses to change agentPoolProfiles.osDiskSizeGB, "
                "agentPoolProfiles.vmSize"
            ],
        ),
    ],
)
def test_what_a_cloud_refuses_in_what_is_there_is_said_before(differs: dict[str, Any], said: list[str]) -> None:
    cluster = "azure-native:containerservice:ManagedCluster"
    now = resource(
        cluster,
        "west",
        {"resourceName": "prod-west", "agentPoolProfiles": [{**FIRST, **differs}]},
        ignore_changes=("agentPoolProfiles[0].count",),
    )
    before = earlier((cluster, "west", {"resourceName": "prod-west", "agentPoolProfiles": [FIRST]}))
    assert [sentence(each) for each in changes(before, now)] == said


def test_what_comes_and_goes_is_told_and_groups_and_providers_are_not() -> None:
    before = earlier((TEMPLATE, "old", {}))
    component = resource("modelyard:index:GpuNodePool", "pool", {"a": 2}, custom=False)
    provider = resource("pulumi:providers:aws", "us-east-1", {})
    was = EarlierResource(component.urn, component.type, "pool", "prod", False, {"a": 1})
    with_group = replace(before, resources={**before.resources, component.urn: was})
    stack = StackPlan("prod", "all", ResourceGraph([component, provider, resource(TEMPLATE, "new", {})]), {})
    found = changes_since(with_group, [stack], "")
    assert [(each.kind, each.name) for each in found.all] == [("gone", "old"), ("new", "new")]
    assert headline(found) == "1 deleted, 1 created since before.json"


def test_a_secret_is_never_shown_and_is_no_change() -> None:
    now = resource("kubernetes:core/v1:Secret", "key", {"stringData": Secret({"key": "hunter2"})})
    assert changes(earlier(("kubernetes:core/v1:Secret", "key", {"stringData": "[secret]"})), now) == ()
    other = changes(earlier(("kubernetes:core/v1:Secret", "key", {"stringData": "[secret]", "type": "Opaque"})), now)
    assert "hunter2" not in repr(other)


FILES = [
    ("no file", None, "--since before.json: cannot be read: no such file or directory"),
    ("no JSON", "{", "--since before.json: is not JSON; write it with 'modelyard plan --json'"),
    ("no plan", '{"resources": 3}', "--since before.json: is no plan; write it with 'modelyard plan --json'"),
    (
        "a resource of another kind",
        json.dumps({"environment": "prod", "version": "0.1.0", "resources": [{"urn": "token-of-mine"}]}),
        "--since before.json: is no plan; write it with 'modelyard plan --json'",
    ),
]


@pytest.mark.parametrize(("content", "said"), [file[1:] for file in FILES], ids=[file[0] for file in FILES])
def test_another_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("before.json").write_text(content)
    with pytest.raises(PlanRefused) as refused:
        read_earlier_plan(Path("before.json"))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("before", "now", "made_anew"),
    [
        ({("east", "l4"): ()}, ("us-east-1a",), True),
        ({("east", "l4"): ("us-east-1a",)}, ("us-east-1a",), False),
        ({}, ("us-east-1a",), False),
    ],
)
def test_a_pool_in_other_zones_is_made_anew_though_nobody_knows_its_subnets(
    before: dict[tuple[str, str], tuple[str, ...]], now: tuple[str, ...], made_anew: bool
) -> None:
    labels = {"modelyard.dev/cluster": "east", "modelyard.dev/pool": "l4"}
    group = {**POOL, "labels": labels}
    earlier_plan = replace(earlier((GROUP, "prod-east-l4", shown(group))), zones=before)
    stacks = [StackPlan("prod", "all", ResourceGraph([resource(GROUP, "prod-east-l4", group)]), {})]
    line = PoolLine("east", "l4", "aws", "managed", ("zones",), now)
    found = changes_since(earlier_plan, stacks, "", [line]).all
    assert [(each.kind, each.properties) for each in found] == ([("replaced", ("subnetIds",))] if made_anew else [])
