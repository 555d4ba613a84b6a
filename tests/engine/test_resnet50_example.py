"""The example on one's own machine, by the real engine against a Docker that exists only on this machine."""

from __future__ import annotations

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine, Project

pytestmark = pytest.mark.engine

EXAMPLE = REPO / "examples" / "resnet50-local"
CONTAINER = "docker:index/container:Container"
SAVED_MODEL = bytes.fromhex(
    "0801123c0a072205736572766512002a2f0a0f73657276696e675f646566"
    "61756c74121c1a1a74656e736f72666c6f772f73657276696e672f70726564696374"
)
"""A meta graph tagged ``serve`` with a signature ``serving_default``, and nothing in it."""


@pytest.fixture
def project(engine: Engine) -> Project:
    """A copy with a model in its place."""
    made = engine.project(EXAMPLE, "resnet50-local")
    version = made.folder / "models" / "resnet50" / "1"
    version.mkdir(parents=True, exist_ok=True)
    (version / "saved_model.pb").write_bytes(SAVED_MODEL)
    return made


def test_a_preview_and_an_offline_run_declare_the_same(project: Project) -> None:
    document = project.preview("local")
    offline = run(project.folder, project=project.name, stack="local", config={}, providers=answering_providers())
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []


def test_a_deployment_settles_changes_in_place_where_docker_can_and_goes_away(project: Project) -> None:
    assert project.up("local")["create"] == 4
    assert set(project.up("local")) == {"same"}
    program = project.folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace('"memory_gib": 4', '"memory_gib": 5'), encoding="utf-8")
    assert [step for step, urn in project.steps("local") if CONTAINER in urn] == ["update"]
    project.set_config("local", {"http_port": "9501"})
    steps = [step for step, urn in project.steps("local") if CONTAINER in urn]
    assert "create-replacement" in steps and steps.index("delete-replaced") < steps.index("create-replacement")
    assert project.destroy("local")["delete"] == 4
