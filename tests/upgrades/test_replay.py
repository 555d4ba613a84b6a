"""Nothing that an earlier version planned is made anew or deleted by this one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from modelyard.review.build import plan
from modelyard.review.change_text import sentence

from .recording import Recording, recordings

NAMED_AFTER_CONTENT = re.compile(r"-[0-9a-f]{10}$|-[0-9a-f]{16}(/|$)")
"""Of resources that another content gives another name: they come before the old ones go."""


@pytest.fixture(params=recordings(), ids=lambda recording: recording.version)
def recording(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Recording:
    found: Recording = request.param
    monkeypatch.chdir(found.project)
    return found


def test_there_is_a_recording() -> None:
    assert recordings()


def test_nothing_is_made_anew_and_nothing_goes(recording: Recording, tmp_path: Path) -> None:
    earlier = recording.plan(tmp_path)
    document = plan(recording.environment, recording.environment.parent, earlier=earlier)
    assert document.changes is not None
    assert [sentence(each) for each in document.changes.of_kind("replaced")] == []
    gone = [each for each in document.changes.of_kind("gone") if not NAMED_AFTER_CONTENT.search(each.name)]
    assert [sentence(each) for each in gone] == []


def test_a_recording_names_no_machine(recording: Recording, tmp_path: Path) -> None:
    texts = [recording.folder.name, *(repr(recording.state(stack)) for stack in recording.stacks)]
    recording.plan(tmp_path)
    texts.append((tmp_path / f"plan-of-{recording.version}.json").read_text())
    for text in texts:
        assert not re.search(r"/(home|root|tmp|opt|usr|Users|work)/", text)
