"""What a change of the deployed dev stack does: the expected updates and replacements, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from .real_engine import Project, Steps

pytestmark = pytest.mark.engine

PLATFORM = "stacks/dev/platform.yaml"
MERCHANDISING = "stacks/dev/departments/merchandising.yaml"


EXCHANGED = "create another, delete"
"""Of what is named after its content, which ``*`` stands for."""


class Change(NamedTuple):
    """One edit of a file, and the operations by resource (``Type::name``) that it leads to."""

    file: str
    old: str
    new: str
    operations: Mapping[str, str]


_DIGEST = re.compile(r"-[0-9a-f]{16}(?=/)|-[0-9a-f]{10}$")

POOL = "NodeGroup::dev-main-t4"
OF_THE_POOLS_GROUP = {
    "Schedule::dev-main-t4-evening",
    "Schedule::dev-main-t4-morning",
    "Tag::dev-main-t4-label/k8s.amazonaws.com/accelerator",
    "Tag::dev-main-t4-label/modelyard.dev/accelerator",
    "Tag::dev-main-t4-label/modelyard.dev/cluster",
    "Tag::dev-main-t4-label/modelyard.dev/pool",
    "Tag::dev-main-t4-label/nvidia.com/gpu.present",
    "Tag::dev-main-t4-resources/nvidia.com/gpu",
    "Tag::dev-main-t4-taint/nvidia.com/gpu",
}
NEW_POOL = dict.fromkeys({POOL, *OF_THE_POOLS_GROUP}, "replace")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

CHANGES = {
    "tag": Change(
        MERCHANDISING,
        "cost_center: CC-4100",
        "cost_center: CC-4101",
        dict.fromkeys(
            {
                "Budget::dev-merchandising",
                "BackendTrafficPolicy::dev-main-product-tagging",
                "BucketObjectv2::dev-us-east-1-product-tagging-*/product-tagging/1/model.onnx",
                "BucketObjectv2::dev-us-east-1-product-tagging-*/product-tagging/config.pbtxt",
                "ConfigMap::dev-main-product-tagging-*",
                "Deployment::dev-main-product-tagging",
                "HTTPRoute::dev-main-product-tagging",
                "HorizontalPodAutoscaler::dev-main-product-tagging",
                "Namespace::dev-main-merchandising",
                "NetworkPolicy::dev-main-merchandising",
                "NetworkPolicy::dev-main-product-tagging",
                "PodDisruptionBudget::dev-main-product-tagging",
                "PodIdentityAssociation::dev-main-product-tagging",
                "PrometheusRule::dev-main-merchandising-product-tagging",
                "Role::dev-main-product-tagging",
                "Service::dev-main-product-tagging",
                "ServiceAccount::dev-main-product-tagging",
                "ServiceMonitor::dev-main-merchandising",
            },
            "update",
        ),
    ),
    "largest size of a pool": Change(
        PLATFORM, "max_nodes: 4\n    gpu_pools", "max_nodes: 5\n    gpu_pools", {"NodeGroup::dev-main-system": "update"}
    ),
    # Its schedules own the limits of a scheduled pool.
    "largest size of a scheduled pool": Change(
        PLATFORM, "max_nodes: 4\n        schedules", "max_nodes: 5\n        schedules", {}
    ),
    "schedule": Change(PLATFORM, '"0 19 * * 1-5"', '"0 20 * * 1-5"', {"Schedule::dev-main-t4-evening": "update"}),
    "file of a model": Change(
        "stacks/models/review-analysis/model.yaml",
        "{kind: gpu}",
        "{kind: gpu, count: 2}",
        {
            # What a pod downloads, and the list of it, are named after their content: running pods keep the old ones.
            "BucketObjectv2::dev-us-east-1-review-analysis-*/review-analysis/config.pbtxt": EXCHANGED,
            "ConfigMap::dev-main-review-analysis-*": EXCHANGED,
            "Deployment::dev-main-review-analysis": "update",
        },
    ),
    "disk of a pool": Change(
        PLATFORM,
        "accelerator: T4\n",
        "accelerator: T4\n        disk_gib: 321\n",
        # The group takes the template's next version, whose number is only known after the update.
        {"LaunchTemplate::dev-main-t4": "update", POOL: "update"},
    ),
    "Kubernetes version": Change(
        PLATFORM,
        'kubernetes_version: "1.35"',
        'kubernetes_version: "1.34"',
        {
            "Cluster::dev-main": "update",
            "NodeGroup::dev-main-system": "update",
            POOL: "update",
            "Release::dev-main-cluster-autoscaler": "update",
        },
    ),
    "instance types": Change(PLATFORM, "[g4dn.xlarge, g4dn.2xlarge]", "[g4dn.xlarge]", NEW_POOL),
    "subnets": Change(
        PLATFORM,
        "cidr: 10.20.0.0/16",
        "cidr: 10.21.0.0/16",
        {
            "Cluster::dev-main": "update",
            "DefaultSecurityGroup::dev-main": "update",
            "InternetGateway::dev-main": "update",
            **dict.fromkeys(
                {
                    "Vpc::dev-main",
                    "NatGateway::dev-main-us-east-1a",
                    "Route::dev-main-public",
                    "RouteTable::dev-main-public",
                    "VpcEndpoint::dev-main-s3",
                    "NodeGroup::dev-main-system",
                    *(f"{kind}::dev-main-private-{zone}" for kind in ("Route", "RouteTable") for zone in ZONES),
                    *(
                        f"{kind}::dev-main-{side}-{zone}"
                        for kind in ("Subnet", "RouteTableAssociation")
                        for side in ("private", "public")
                        for zone in ZONES
                    ),
                },
                "replace",
            ),
            **NEW_POOL,
        },
    ),
}
PLANNED_TOGETHER = [
    ["tag", "largest size of a pool", "largest size of a scheduled pool", "schedule", "file of a model"],
    ["disk of a pool"],
    ["Kubernetes version"],
    ["instance types"],
    ["subnets"],
]
DONE_TOGETHER = ["tag", "schedule", "file of a model", "disk of a pool", "instance types"]


@pytest.mark.parametrize("names", PLANNED_TOGETHER, ids=", ".join)
def test_changes_plan_what_they_should_and_nothing_else(dev: Project, names: list[str]) -> None:
    changes = [CHANGES[name] for name in names]
    with edited(dev, *changes):
        steps = dev.planned_steps("dev")
    assert operations(steps) == combined(changes)
    assert_created_before_deleted(steps)


def test_what_is_planned_is_done_and_stays(dev: Project) -> None:
    changes = [CHANGES[name] for name in DONE_TOGETHER]
    with edited(dev, *changes):
        planned, done = dev.planned_steps("dev"), dev.steps("dev")
        assert set(done) == set(planned)
        expected = combined(changes)
        assert operations(done) == expected
        assert_created_before_deleted(done)
        template = next(each for each in dev.export("dev") if each["urn"].endswith("LaunchTemplate::dev-main-t4"))
        assert template["outputs"]["latestVersion"] == 2
        group = next(each for each in dev.export("dev") if each["urn"].endswith(POOL))
        assert group["inputs"]["launchTemplate"]["version"] == "2"
        assert dev.steps("dev") == []
    back = dev.steps("dev")
    assert operations(back) == expected


def test_what_somebody_changed_by_hand_is_found_and_put_back(dev: Project) -> None:
    urns = {short(each["urn"]): each["urn"] for each in dev.export("dev")}
    by_hand = {
        "Vpc::dev-main": {"tags": {"department": "shadow"}, "tagsAll": {"department": "shadow"}},
        "Schedule::dev-main-t4-evening": None,
        # These belong to autoscalers: what they set is found and left.
        POOL: {"scalingConfig": {"desiredSize": 4}},
        "Deployment::dev-main-product-tagging": {"spec": {"replicas": 3}},
    }
    dev.engine.drift.write_text(json.dumps({urns[name]: change for name, change in by_hand.items()}), encoding="utf-8")
    try:
        found = dev.refresh("dev")
    finally:
        dev.engine.drift.unlink()
    # The replicas are found as well; the engine counts only what the program itself set.
    assert (found["update"], found["delete"]) == (2, 1)
    state = {each["urn"]: each["outputs"] for each in dev.export("dev") if "outputs" in each}
    assert state[urns[POOL]]["scalingConfig"]["desiredSize"] == 4
    assert state[urns["Deployment::dev-main-product-tagging"]]["spec"]["replicas"] == 3
    assert operations(dev.steps("dev")) == {"Vpc::dev-main": "update", "Schedule::dev-main-t4-evening": "create"}
    assert dev.steps("dev") == []
    assert set(dev.refresh("dev")) == {"same"}


def combined(changes: Iterable[Change]) -> dict[str, str]:
    """The operations of all; what one change replaces another need not update."""
    every = [pair for change in changes for pair in change.operations.items()]
    return {name: "replace" if (name, "replace") in every else operation for name, operation in every}


@contextmanager
def edited(project: Project, *changes: Change) -> Iterator[None]:
    """The project with the changes made; its files are put back afterwards."""
    files = {project.folder / change.file for change in changes}
    before = {file: file.read_bytes() for file in files}
    try:
        for change in changes:
            file = project.folder / change.file
            text = file.read_text(encoding="utf-8")
            assert change.old in text
            file.write_text(text.replace(change.old, change.new, 1), encoding="utf-8")
        yield
    finally:
        for file, content in before.items():
            file.write_bytes(content)


def operations(steps: Steps) -> dict[str, str]:
    """Operation by ``Type::name``; the three steps of a replacement are one, and so are the two of an exchange."""
    parts_of_replacing = {"create-replacement", "delete-replaced"}
    named: dict[str, list[str]] = {}
    for operation, urn in steps:
        if operation not in parts_of_replacing:
            named.setdefault(short(urn), []).append(operation)
    exchanged = {name for name, of in named.items() if "*" in name and of == ["create", "delete"]}
    assert all(len(of) == 1 for name, of in named.items() if name not in exchanged)
    return {name: EXCHANGED if name in exchanged else of[0] for name, of in named.items()}


def assert_created_before_deleted(steps: Steps) -> None:
    for urn in {urn for operation, urn in steps if operation == "replace"}:
        assert steps.index(("create-replacement", urn)) < steps.index(("delete-replaced", urn))
    of = [(operation, short(urn)) for operation, urn in steps]
    for name in {name for operation, name in of if "*" in name and operation == "delete"}:
        # Pods of the version before may start until the last one is gone: the Deployment's roll lies in between.
        rolls = [step for step in of if step[0] == "update" and step[1].startswith("Deployment::")]
        assert rolls
        assert all(of.index(("create", name)) < of.index(roll) < of.index(("delete", name)) for roll in rolls)


def short(urn: str) -> str:
    types, _, name = urn.split("::", 2)[2].partition("::")
    return f"{types.rpartition(':')[2]}::{_DIGEST.sub('-*', name)}"
