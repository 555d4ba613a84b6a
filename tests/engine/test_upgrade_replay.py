"""State that an earlier version deployed, previewed by this one on the real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from modelyard.review.build import plan
from upgrades.recording import Recording, recordings
from upgrades.test_replay import NAMED_AFTER_CONTENT
from upgrades.vertex_api import vertex_api

from .real_engine import Engine, Project

pytestmark = [pytest.mark.engine, pytest.mark.whole]

IN_PLACE = {"create", "update"}


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording.version)
def test_nothing_is_replaced_and_nothing_is_deleted(
    engine: Engine, tmp_path: Path, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recording.project)
    project = engine.project(recording.project)
    for stack in recording.stacks:
        project.select(stack)
        state = tmp_path / f"{stack}.json"
        state.write_text(json.dumps(recording.state(stack)))
        project.run("stack", "import", "--stack", stack, "--file", str(state))
    document = plan(recording.environment, recording.environment.parent)
    with vertex_api(document):
        found = {stack: _unwelcome(project, stack) for stack in recording.stacks}
    assert not any(found.values()), found


def _unwelcome(project: Project, stack: str) -> list[tuple[str, str]]:
    """Operations that neither create nor change in place, by the resource's name."""
    return [
        (operation, urn.rpartition("::")[2])
        for operation, urn in project.planned_steps(stack)
        if operation not in IN_PLACE and not NAMED_AFTER_CONTENT.search(urn)
    ]
