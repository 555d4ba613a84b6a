"""Every stack of the repository: the plan and the real engine's preview are the same list, with the same verdicts;
then the engine deploys it, deploys it again without a change, and takes it down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers
from modelyard.platform.declared import declared
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.policy_config import policy_config
from modelyard.review.verdicts import run_policies

from .engine_policies import previewed, told
from .real_engine import REPO, Engine, Project

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

LAYERS = {
    "prod": ["prod-foundation", "prod-customer-insights", "prod-merchandising", "prod-supply-chain"],
    "staging": ["staging-foundation", "staging-customer-insights", "staging-merchandising", "staging-supply-chain"],
    "dev": ["dev"],
}
EXAMPLES = REPO / "examples"
PROJECTS = [
    *(pytest.param(REPO, environment, layers, id=environment) for environment, layers in LAYERS.items()),
    pytest.param(EXAMPLES / "fraud-ensemble", "prod", ["prod"], id="fraud-ensemble"),
    pytest.param(EXAMPLES / "three-clouds", "prod", ["prod-foundation", "prod-shops"], id="three-clouds"),
]


@pytest.mark.parametrize(("source", "environment", "layers"), PROJECTS)
def test_plan_and_engine_agree_and_the_deployment_settles(
    engine: Engine, source: Path, environment: str, layers: list[str]
) -> None:
    project = engine.project(source)
    planned = planned_after(project, environment, {})
    assert [stack.name for stack in planned.stacks] == layers
    foundation = layers[0]
    for stack in layers:
        same_list_and_verdicts(project, planned, environment, stack)
        assert set(project.up(stack)) == {"create"}
        if stack == foundation and len(planned.stacks) > 1:
            # A department's preview knows what the foundation made, so its plan has to be told.
            planned = planned_after(project, environment, {stack: outputs_of(project, stack)})
    for stack in layers:
        assert set(project.up(stack)) == {"same"}
    for stack in reversed(layers):
        project.run("state", "unprotect", "--all", "--yes", "--stack", stack)
        project.destroy(stack)
        assert project.export(stack) == []


def same_list_and_verdicts(project: Project, plan: PlanDocument, environment: str, stack: str) -> None:
    config = policy_config(declared(project.folder / "stacks" / environment))
    graph = next(each.graph for each in plan.stacks if each.name == stack)
    document, verdicts = previewed(project, stack, config)
    ours, theirs = from_graph(graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert {urn: (ours[urn], theirs[urn]) for urn in theirs if ours[urn] != theirs[urn]} == {}
    assert told(run_policies(graph, config)) ^ verdicts == set()


def planned_after(project: Project, environment: str, outputs: dict[str, dict[str, Any]]) -> PlanDocument:
    """The plan as somebody makes it when the stacks before are deployed, in the account that the engine has."""
    stacks = project.folder / "stacks"
    return plan(stacks / environment, stacks, known_outputs=outputs, providers=answering_providers())


def outputs_of(project: Project, stack: str) -> dict[str, Any]:
    shown = project.run("stack", "output", "--json", "--stack", stack).stdout
    assert "[secret]" not in shown
    return json.loads(shown)
