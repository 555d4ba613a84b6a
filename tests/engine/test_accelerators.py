"""Neuron devices and TPU chips with a model each under the real engine: planned alike, deployed, unchanged, taken
down."""

from __future__ import annotations

from pathlib import Path

import pytest
from accelerators_project import accelerators_project
from modelyard.review.build import plan

from .real_engine import Engine
from .test_stacks import planned_after, same_list_and_verdicts

pytestmark = [pytest.mark.engine, pytest.mark.whole, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


def test_plan_and_engine_agree_and_the_deployment_settles(engine: Engine, tmp_path: Path) -> None:
    accelerators_project(tmp_path)
    project = engine.project(tmp_path)
    same_list_and_verdicts(project, planned_after(project, "prod", {}), "prod", "prod")
    created = project.up("prod")
    assert set(created) == {"create"}
    assert project.up("prod") == {"same": created["create"]}
    project.run("state", "unprotect", "--all", "--yes", "--stack", "prod")
    project.destroy("prod")
    assert project.export("prod") == []


def test_cores_in_place_of_devices_replace_no_nodes(engine: Engine, tmp_path: Path) -> None:
    environment = accelerators_project(tmp_path)
    project = engine.project(tmp_path)
    project.up("prod")
    platform = project.folder / "stacks" / environment.name / "platform.yaml"
    text = platform.read_text(encoding="utf-8")
    changed = text.replace(
        "max_nodes: 4}\n      - {name: cores", "max_nodes: 4, sharing: {neuron_cores: true}}\n      - {name: cores"
    )
    assert changed != text
    platform.write_text(changed, encoding="utf-8")
    department = platform.parent / "departments" / "shop.yaml"
    # A core has half of its device's memory.
    department.write_text(department.read_text(encoding="utf-8").replace("gpu_memory_gib: 20", "gpu_memory_gib: 12"))
    assert plan(platform.parent, platform.parents[1]).placement.misfits == ()
    steps = project.planned_steps("prod")
    of_pool = [(operation, urn.rpartition("::")[2]) for operation, urn in steps if "GpuNodePool" in urn]
    assert ("update", "prod-east-inf2") in of_pool
    assert {operation for operation, _ in of_pool} <= {"update", "create", "delete"}
    assert ("update", "prod-east-search") in [(operation, urn.rpartition("::")[2]) for operation, urn in steps]
