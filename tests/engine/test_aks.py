"""AKS under the real engine: the same plan, what changes in place, and what is made anew beside the old."""

from __future__ import annotations

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAM = REPO / "tests" / "engine" / "programs" / "aks"
POOLS = [f"AgentPool::prod-west-{name}" for name in ("t4", "mig", "close")]
GROUP = "ProximityPlacementGroup::prod-west-close"


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    document = engine.project(PROGRAM, "aks").preview("dev")
    offline = run(PROGRAM, project="aks", stack="dev", providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert sum(":containerservice:AgentPool::" in urn for urn in ours) == 8


@pytest.mark.whole
def test_pools_change_in_place_or_are_made_anew_before_the_old_ones_go(engine: Engine) -> None:
    project = engine.project(PROGRAM, "aks")
    assert set(project.up("dev")) == {"create"}
    assert project.steps("dev") == []

    project.set_config("dev", {"max": "9"})
    assert _done(project) == [("update", "AgentPool::prod-west-t4")]

    project.set_config("dev", {"disk": "300", "mig": "2g.20gb", "zone": "3"})
    planned = project.planned_steps("dev")
    done = _done(project)
    assert sorted(done) == sorted((operation, short(urn)) for operation, urn in planned)
    assert {name for _, name in done} == {*POOLS, GROUP}
    for pool in POOLS:
        assert done.index(("create-replacement", pool)) < done.index(("delete-replaced", pool))
    close = POOLS[-1]
    assert done.index(("create-replacement", GROUP)) < done.index(("create-replacement", close))
    assert done.index(("delete-replaced", close)) < done.index(("delete-replaced", GROUP))
    project.destroy("dev")
    assert project.export("dev") == []


@pytest.mark.whole
def test_a_new_key_leaves_the_one_before_and_system_nodes_change_their_machines(engine: Engine) -> None:
    project = engine.project(PROGRAM, "aks")
    project.up("dev")
    # The engine takes it out of its state and asks nobody to delete it.
    keys = [each for each in project.export("dev") if each["type"].endswith("keyvault:Key")]
    assert [each["retainOnDelete"] for each in keys] == [True, True]

    project.set_config("dev", {"key": "2"})
    done = _done(project)
    assert done.index(("create-replacement", "Key::prod-west")) < done.index(("update", "ManagedCluster::prod-west"))
    assert {name for operation, name in done if "replace" in operation} == {"Key::prod-west"}

    project.set_config("dev", {"machine": "Standard_D16s_v5", "retire": "true"})
    done = _done(project)
    others = "AgentPool::prod-west-others"
    assert done.index(("create-replacement", others)) < done.index(("delete-replaced", others))
    assert ("update", "ManagedCluster::prod-west") in done
    assert {name for operation, name in done if "replace" in operation} == {others}
    project.destroy("dev")
    assert project.export("dev") == []


def _done(project: Project) -> list[tuple[str, str]]:
    return [(operation, short(urn)) for operation, urn in project.steps("dev")]
