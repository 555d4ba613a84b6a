"""Records what this version plans and deploys, for every later version to be held to.

    python -m upgrades.record 0.2.0

in ``tests``, with ``pulumi`` on PATH. The folder ``tests/upgrades/0.2.0/project`` has to be there; the first
recording's is a good one to begin with.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from engine.real_engine import Engine, Project
from modelyard.review.build import plan
from modelyard.review.plan_json import lines

from .recording import FOLDER, Recording
from .vertex_api import vertex_api


def main(version: str) -> None:
    recording = Recording(FOLDER / version)
    os.chdir(recording.project)
    document = plan(recording.environment, recording.environment.parent)
    recording.keep_plan("".join(lines(document)))
    print(f"plan: {document.resource_count()} resources")
    with tempfile.TemporaryDirectory() as scratch, vertex_api(document):
        project = Engine(Path(scratch)).project(recording.project)
        for stack in (each.name for each in document.stacks):
            _keep(recording, project, stack)


def _keep(recording: Recording, project: Project, stack: str) -> None:
    counts = project.up(stack)
    exported = json.loads(project.run("stack", "export", "--stack", stack).stdout)
    recording.keep_state(stack, exported)
    print(f"{stack}: {counts}")


if __name__ == "__main__":
    main(*sys.argv[1:])
