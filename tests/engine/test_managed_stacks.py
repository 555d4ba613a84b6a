"""An environment without a cluster: plan and real engine agree, a canary comes and goes, and nothing is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from plan.managed_project import SENTIMENT, write
from plan.test_managed_targets import SCALING, TARGETS, only_cloud

from .real_engine import Engine, Project
from .test_stacks import outputs_of, planned_after, same_list_and_verdicts

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ENDPOINTS = {
    "sagemaker": "aws:sagemaker/endpoint:Endpoint",
    "azureml": "azure-native:machinelearningservices:OnlineEndpoint",
}


def declare(project: Project, **changes: Any) -> None:
    file = project.folder / "stacks" / "prod" / "departments" / "toys.yaml"
    declared = yaml.safe_load(file.read_text())
    (model,) = declared["models"]
    model.pop("rollout", None)
    model.pop("version", None)
    model.update(changes)
    file.write_text(yaml.safe_dump(declared))


@pytest.mark.whole
@pytest.mark.parametrize("target", ENDPOINTS)
def test_a_canary_is_tried_promoted_and_made_stable(engine: Engine, tmp_path: Path, target: str) -> None:
    model = {**SENTIMENT, **TARGETS[target], **({} if target == "sagemaker" else {"scaling": SCALING})}
    write(tmp_path / "source", model, platform=only_cloud(target))
    project = engine.project(tmp_path / "source")
    foundation, toys = "prod-foundation", "prod-toys"
    planned = planned_after(project, "prod", {})
    same_list_and_verdicts(project, planned, "prod", foundation)
    assert set(project.up(foundation)) == {"create"}
    planned = planned_after(project, "prod", {foundation: outputs_of(project, foundation)})
    same_list_and_verdicts(project, planned, "prod", toys)
    assert set(project.up(toys)) == {"create"}
    assert set(project.up(toys)) == {"same"}
    endpoint = endpoint_of(project, toys, target)
    steps: list[dict[str, Any]] = [
        {"rollout": {"stable": 1, "canary": 2, "percent": 10}},
        {"rollout": {"stable": 1, "canary": 2, "percent": 50}},
        {"rollout": {"stable": 1, "canary": 2, "percent": 0}},
        {"rollout": {"stable": 2}},
    ]
    for step in steps:
        declare(project, **step)
        project.up(toys)
        assert endpoint_of(project, toys, target) == endpoint
        assert set(project.up(toys)) == {"same"}
    for stack in (toys, foundation):
        project.run("state", "unprotect", "--all", "--yes", "--stack", stack)
        project.destroy(stack)
        assert project.export(stack) == []


def endpoint_of(project: Project, stack: str, target: str) -> str:
    """Id of the endpoint, which a replacement would change."""
    (found,) = [each for each in project.export(stack) if each["type"] == ENDPOINTS[target]]
    return f"{found['id']} {found['created']}"
