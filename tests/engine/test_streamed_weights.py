"""Streamed weights under the real engine: planned alike, deployed once, and another content is another volume that is
there before the pods and goes after them."""

from __future__ import annotations

import shutil

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project, Steps
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "streamed_weights"
OF_CONTENT = ("PersistentVolume::", "PersistentVolumeClaim::", "DaemonSet::")
DEPLOYMENTS = {f"Deployment::prod-{cluster}-tagger" for cluster in ("east", "iowa", "dublin")}
OBJECTS = 7
"""A volume and a claim on EKS, AKS and for KServe on GKE, and the readers of EKS' nodes."""
PODS = {"east": "Deployment::prod-east-tagger", "dublin": "Deployment::prod-dublin-tagger",
        "iowa": "InferenceService::prod-iowa-ranker"}  # fmt: skip
"""What mounts a claim, by cluster."""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The program with the stack ``prod`` deployed."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: what becomes of volumes is NOT checked")
    project = Engine(tmp_path_factory.mktemp("weights")).project(PROGRAM)
    assert set(project.up("prod")) == {"create"}
    return project


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    document = engine.project(PROGRAM).preview("prod")
    offline = run(PROGRAM, project="streamed-weights", stack="prod", providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert sum(urn.split("::")[-2].endswith(tuple(each[:-2] for each in OF_CONTENT)) for urn in theirs) == OBJECTS


def test_another_content_has_other_volumes_and_replaces_nothing(deployed: Project) -> None:
    deployed.set_config("prod", {"streamed-weights:digest": "fedcba9876543210"})
    steps = [(operation, short(urn)) for operation, urn in deployed.steps("prod")]
    assert {operation for operation, _ in steps} == {"create", "update", "delete"}
    made = [urn for operation, urn in steps if operation == "create"]
    gone = [urn for operation, urn in steps if operation == "delete"]
    assert len(made) == len(gone) == OBJECTS
    assert all(urn.startswith(OF_CONTENT) for urn in (*made, *gone))
    assert {urn for operation, urn in steps if operation == "update"} >= DEPLOYMENTS
    for cluster, mounting in PODS.items():
        pods = steps.index(("update", mounting))
        assert all(steps.index(("create", urn)) < pods for urn in made if f"-{cluster}-" in urn)
        assert all(steps.index(("delete", urn)) > pods for urn in gone if f"-{cluster}-" in urn)


def test_a_model_that_copies_again_has_no_volumes(deployed: Project) -> None:
    steps = changed(deployed, {"by": "copy"})
    assert sum(operation == "delete" for operation, _ in steps) == OBJECTS
    assert {urn for operation, urn in steps if operation == "update"} >= DEPLOYMENTS
    assert {operation for operation, _ in steps} == {"update", "delete"}


def test_a_second_deployment_changes_nothing_and_all_goes_away(deployed: Project) -> None:
    assert set(deployed.up("prod")) == {"same"}
    deployed.destroy("prod")
    assert deployed.export("prod") == []


def changed(project: Project, settings: dict[str, str]) -> Steps:
    """What ``pulumi up`` would do with these settings; they are taken back."""
    project.set_config("prod", {f"streamed-weights:{key}": value for key, value in settings.items()})
    try:
        return [(operation, short(urn)) for operation, urn in project.planned_steps("prod")]
    finally:
        for key in settings:
            project.run("config", "rm", "--stack", "prod", f"streamed-weights:{key}")
