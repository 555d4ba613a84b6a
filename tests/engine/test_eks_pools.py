"""Pools of EKS under the real engine: planned alike, deployed once, and each change updates or replaces as the table
says, a new group before the old one goes."""

from __future__ import annotations

import shutil

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project, Steps
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "eks_pools"
POOL, FLOOR, TEMPLATE = "NodeGroup::prod-east-l4", "NodeGroup::prod-east-l4-floor", "LaunchTemplate::prod-east-l4"
ROLLED = {(TEMPLATE, "update"), (POOL, "update"), (f"{TEMPLATE}-floor", "update"), (FLOOR, "update")}
"""The template's next version reaches the nodes of both groups."""
REPLACED = {(POOL, "create-replacement"), (POOL, "replace"), (POOL, "delete-replaced")}
FLOOR_REPLACED = {(FLOOR, operation) for _, operation in REPLACED}

CHANGES: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    # What is changed, and what it does to the launch templates and node groups (catalog/data/replacements.csv).
    "machines": ({"types": "g6.16xlarge"}, REPLACED | FLOOR_REPLACED),
    "image": (
        {"image": "bottlerocket_nvidia"},
        ROLLED - {(POOL, "update"), (FLOOR, "update")} | REPLACED | FLOOR_REPLACED,
    ),
    "disk": ({"disk": "300"}, ROLLED),
    "local disks": ({"disks": "block"}, ROLLED),
    "fabric": ({"fabric": "true"}, ROLLED),
    "labels": ({"kind": "speech"}, {(POOL, "update"), (FLOOR, "update")}),
    "limits": ({"max": "8"}, {(POOL, "update")}),
    "update": ({"update": "2"}, {(POOL, "update"), (FLOOR, "update")}),
    "reservation": (
        {"reservation": "cr-1a1b2c3d4e5f67890"},
        {("LaunchTemplate::prod-east-block", "update"), ("NodeGroup::prod-east-block", "update")},
    ),
    "MIG profile": ({"mig": "3g.20gb"}, {("NodeGroup::prod-east-a100", "update")}),
    "limits of Karpenter": ({"karpenter-max": "5"}, {("NodePool::prod-east-fast", "update")}),
    "image of a managed pool": ({"release": "1.35.2-20261001"}, {("NodeGroup::prod-east-near", "update")}),
    "image of Karpenter's nodes": (
        {"karpenter-release": "v20261001"},
        {("EC2NodeClass::prod-east-fast-class", "update"), ("EC2NodeClass::prod-east-fast-floor-class", "update")},
    ),
    "version of an add-on": ({"coredns": "v1.12.5-eksbuild.1"}, {("Addon::prod-east-coredns", "update")}),
    "spot no more": (
        {"capacity": "on_demand"},
        REPLACED | {(FLOOR, "delete"), (f"{TEMPLATE}-floor", "delete")},
    ),
}
KINDS = ("Addon::", "NodeGroup::", "LaunchTemplate::", "NodePool::", "EC2NodeClass::", "NodeClass::")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The program with the stack ``prod`` deployed; tests preview changes of it, and deploy none."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: what changes do to pools is NOT checked")
    project = Engine(tmp_path_factory.mktemp("eks")).project(PROGRAM)
    assert set(project.up("prod")) == {"create"}
    return project


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    document = engine.project(PROGRAM).preview("prod")
    offline = run(PROGRAM, project="eks-pools", stack="prod", providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert sum("NodeGroup::" in urn for urn in ours) == 8
    assert sum("karpenter.sh/v1:NodePool::" in urn for urn in ours) == 4


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_updates_or_replaces_as_the_table_says(deployed: Project, name: str) -> None:
    settings, expected = CHANGES[name]
    steps = changed(deployed, settings)
    assert {(urn, operation) for operation, urn in steps if urn.startswith(KINDS)} == expected
    for pool in {urn for urn, operation in expected if operation == "replace"}:
        order = [operation for operation, urn in steps if urn == pool]
        assert order == ["create-replacement", "replace", "delete-replaced"]


def test_another_owner_reaches_every_machine_and_replaces_nothing(deployed: Project) -> None:
    steps = changed(deployed, {"cost-center": "CC-2000"})
    assert {operation for operation, _ in steps} == {"update"}
    updated = {urn for _, urn in steps}
    pools = ("system", "l4", "l4-floor", "a100", "block", "near", "neuron", "cpu")
    assert updated >= {f"LaunchTemplate::prod-east-{pool}" for pool in pools}
    assert updated >= {"EC2NodeClass::prod-east-fast-class", "NodeClass::prod-east-auto-class"}


def test_a_second_deployment_changes_nothing_and_all_goes_away(deployed: Project) -> None:
    assert set(deployed.up("prod")) == {"same"}
    deployed.destroy("prod")
    assert deployed.export("prod") == []


def changed(project: Project, settings: dict[str, str]) -> Steps:
    """What ``pulumi up`` would do with these settings; they are taken back."""
    project.set_config("prod", {f"eks-pools:{key}": value for key, value in settings.items()})
    try:
        return [(operation, short(urn)) for operation, urn in project.planned_steps("prod")]
    finally:
        for key in settings:
            project.run("config", "rm", "--stack", "prod", f"eks-pools:{key}")
