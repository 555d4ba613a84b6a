"""GKE under the real engine: planned alike, deployed once, and each change updates or replaces as the table says."""

from __future__ import annotations

import shutil

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project, Steps
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "gke"
POOL = "NodePool::prod-central-l4"
CLUSTER = "Cluster::prod-central"
REPLACED: Steps = [("create-replacement", POOL), ("replace", POOL), ("delete-replaced", POOL)]
"""The new pool is there before the old one is drained."""

KEY_OF_ANOTHER = "projects/shop-keys/locations/us-central1/keyRings/clusters/cryptoKeys/secrets"
POOLS = [f"NodePool::prod-central-{pool}" for pool in ("system", "l4", "a100", "a100-floor", "cpu")]

CHANGES: dict[str, tuple[dict[str, str], Steps]] = {
    # Property by property: tests/plan/gcp/test_gke_changes.py
    "driver": ({"driver": "latest"}, REPLACED),
    "in place": (
        {"machine": "g2-standard-12", "disk": "300", "kind": "speech", "zones": "us-central1-a", "max": "8"},
        [("update", POOL)],
    ),
    # The count is the autoscaler's: another first value changes nothing.
    "first nodes": ({"desired": "4"}, []),
    "cluster": (
        {
            "channel": "stable",
            "version": "1.35",
            "maintenance": "01:00",
            "topic": "projects/shop-prod/topics/cluster-news",
        },
        [("update", CLUSTER)],
    ),
    "log retention": ({"log-days": "365"}, [("update", "ProjectBucketConfig::prod-central")]),
    "machines of a class": ({"machines": "g2-standard-12"}, [("update", "ComputeClass::prod-central-whenever")]),
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The program with the stack ``prod`` deployed; tests preview changes of it, and deploy none."""
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: what changes do on GKE is NOT checked")
    project = Engine(tmp_path_factory.mktemp("gke")).project(PROGRAM)
    assert set(project.up("prod")) == {"create"}
    return project


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    document = engine.project(PROGRAM).preview("prod")
    offline = run(PROGRAM, project="gke", stack="prod", providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert sum("gcp:container/" in urn for urn in ours) == 6
    assert sum("gcp:kms/" in urn for urn in ours) == sum("gcp:logging/" in urn for urn in ours) == 3
    assert sum("ComputeClass" in urn for urn in ours) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_updates_or_replaces_as_the_table_says(deployed: Project, name: str) -> None:
    settings, expected = CHANGES[name]
    assert changed(deployed, settings) == expected


def test_another_owner_reaches_every_label_and_replaces_nothing(deployed: Project) -> None:
    steps = changed(deployed, {"cost-center": "CC-2000"})
    assert {operation for operation, _ in steps} <= {"update"}
    assert {urn for _, urn in steps} >= {CLUSTER, "CryptoKey::prod-central", *POOLS}


def test_a_key_of_ones_own_comes_in_place_and_the_clusters_goes_after(deployed: Project) -> None:
    steps = changed(deployed, {"key": KEY_OF_ANOTHER})
    assert ("update", CLUSTER) in steps
    assert ("delete", "CryptoKey::prod-central") in steps
    assert steps.index(("update", CLUSTER)) < steps.index(("delete", "CryptoKey::prod-central"))
    assert not any(operation == "replace" for operation, urn in steps if "NodePool" in urn or urn == CLUSTER)


def test_disks_with_the_clusters_key_are_those_of_new_pools(deployed: Project) -> None:
    steps = changed(deployed, {"encrypt-disks": "true"})
    assert {urn for operation, urn in steps if operation == "replace"} == set(POOLS)
    assert ("update", "ComputeClass::prod-central-whenever") in steps
    assert not any(urn == CLUSTER for _, urn in steps)


@pytest.mark.whole
def test_a_second_deployment_changes_nothing_and_all_goes_away(engine: Engine) -> None:
    project = engine.project(PROGRAM)
    created = project.up("prod")["create"]
    assert project.up("prod") == {"same": created}
    project.destroy("prod")
    assert project.export("prod") == []


def changed(project: Project, settings: dict[str, str]) -> Steps:
    """What ``pulumi up`` would do with these settings; they are taken back."""
    project.set_config("prod", {f"gke:{key}": value for key, value in settings.items()})
    try:
        return [(operation, short(urn)) for operation, urn in project.planned_steps("prod")]
    finally:
        for key in settings:
            project.run("config", "rm", "--stack", "prod", f"gke:{key}")
