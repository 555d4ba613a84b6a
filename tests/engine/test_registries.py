"""Registries and stores of three clouds under the real engine: planned alike, deployed once, changed in place."""

from __future__ import annotations

import shutil

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project, Steps
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "registries"
GOOGLE, AZURE = "europe-west4", "westeurope"

CHANGES: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    # What is changed, and what it does to whom.
    "images kept": (
        {"keep": "7"},
        {
            ("update", "LifecyclePolicy::prod-images-us-east-1-toys/tagger"),
            ("update", "RepositoryCreationTemplate::prod-images-us-east-1-k8s"),
            ("update", "RepositoryCreationTemplate::prod-images-us-east-1-us-west-2"),
            ("update", f"Repository::prod-images-{GOOGLE}-images"),
            ("update", f"Task::prod-images-{AZURE}-purge"),
        },
    ),
    "versions kept": (
        {"days": "30"},
        {
            ("update", "BucketLifecycleConfiguration::prod-models-us-east-1"),
            ("update", "BucketLifecycleConfiguration::prod-models-us-east-1-copy"),
            ("update", f"Bucket::prod-models-{GOOGLE}"),
            ("update", f"BlobServiceProperties::prod-models-{AZURE}"),
            ("update", f"ManagementPolicy::prod-models-{AZURE}"),
        },
    ),
    "a lock on stores that are there": (
        {"lock": "governance"},
        {
            ("create", "BucketObjectLockConfiguration::prod-models-us-east-1"),
            ("create", "BucketObjectLockConfiguration::prod-models-us-east-1-copy"),
            ("update", f"Bucket::prod-models-{GOOGLE}"),
            ("update", f"StorageAccount::prod-models-{AZURE}"),
        },
    ),
    "another build": ({"tag": "1.0.1"}, {("update", "Image::tagger")}),
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The program with the stack ``prod`` deployed; tests preview changes of it, and deploy none."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: what changes do to registries is NOT checked")
    project = Engine(tmp_path_factory.mktemp("registries")).project(PROGRAM)
    assert set(project.up("prod")) == {"create"}
    return project


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    document = engine.project(PROGRAM).preview("prod")
    offline = run(PROGRAM, project="registries", stack="prod", providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert {urn.split("::")[2].split("$")[-1].split(":")[0] for urn in ours} >= {
        "aws",
        "gcp",
        "azure-native",
        "docker-build",
        "aws-native",
    }


def test_a_second_deployment_changes_nothing(deployed: Project) -> None:
    assert changed(deployed, {}) == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_updates_in_place(deployed: Project, name: str) -> None:
    settings, expected = CHANGES[name]
    assert set(changed(deployed, settings)) == expected


def test_another_owner_replaces_nothing(deployed: Project) -> None:
    steps = changed(deployed, {"cost-center": "CC-2000"})
    assert {operation for operation, _ in steps} == {"update"}


def changed(project: Project, settings: dict[str, str]) -> Steps:
    """What ``pulumi up`` would do with these settings; they are taken back."""
    project.set_config("prod", {f"registries:{key}": value for key, value in settings.items()})
    try:
        return [(operation, short(urn)) for operation, urn in project.planned_steps("prod")]
    finally:
        for key in settings:
            project.run("config", "rm", "--stack", "prod", f"registries:{key}")
