"""What the real engine does with a pool and a cluster's provider when their declaration changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from engine.real_engine import Engine  # pyright: ignore[reportMissingImports] (pytest puts tests/ on the path)

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PROGRAM = Path(__file__).parent / "lifecycle"
POOL = "GpuNodePool$aws:eks/nodeGroup:NodeGroup::prod-east-l4"
TAG = "GpuNodePool$aws:autoscaling/tag:Tag::prod-east-l4-"
TEMPLATE = "GpuNodePool$aws:ec2/launchTemplate:LaunchTemplate::prod-east-l4"


def test_changes_reach_what_they_should_and_nothing_else(tmp_path: Path) -> None:
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: what changes do to a pool is NOT checked")
    project = Engine(tmp_path).project(PROGRAM)
    project.set_config(
        "prod", {"lifecycle:types": "g6.xlarge,g6.2xlarge", "lifecycle:desired": "2", "lifecycle:disk": "200"}
    )
    project.up("prod")
    assert after(project, {}) == []
    # The count is the autoscaler's: another first value changes nothing.
    assert after(project, {"lifecycle:desired": "5"}) == []
    # The launch template changes in place; its version rises, and the group rolls its nodes.
    assert after(project, {"lifecycle:disk": "300"}) == [("update", TEMPLATE), ("update", POOL)]
    # Another way to the same cluster replaces nothing in it.
    assert after(project, {"lifecycle:port": "8443"}) == [("update", "pulumi:providers:kubernetes::prod-east")]
    # A new group is up, and described to the autoscaler, before the old one goes.
    replacing = after(project, {"lifecycle:types": "g6.2xlarge"})
    assert replacing[:2] == [("create-replacement", POOL), ("replace", POOL)]
    assert replacing[-1] == ("delete-replaced", POOL)
    assert all(TAG in urn for _, urn in replacing[2:-1])
    project.destroy("prod")
    assert project.export("prod") == []


def after(project: Any, change: dict[str, str]) -> list[tuple[str, str]]:
    """What ``pulumi up`` does once the configuration is changed, in its order."""
    project.set_config("prod", change)
    done = project.run("up", "--yes", "--skip-preview", "--json", "--stack", "prod").stdout
    events = [json.loads(line) for line in done.splitlines() if line.startswith("{")]
    steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
    return [(step["op"], step["urn"].split("::", 2)[2].removeprefix("modelyard:index:"))
            for step in steps if step["op"] not in ("same", "read")]  # fmt: skip
