"""The examples of managed endpoints by the real engine: plan and preview agree, a canary comes, is made stable and goes
back, and callers' endpoint is never replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.offline import load_stack, run
from unit.serving.vertex.rest_server import VertexRestApi, serving

from .real_engine import REPO, Engine, Project
from .test_stacks import outputs_of, planned_after, same_list_and_verdicts

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

EXAMPLES = REPO / "examples"
SENTIMENT = EXAMPLES / "sentiment-api"
SPIKY = EXAMPLES / "spiky-traffic"
KEPT = {
    "sagemaker": "aws:sagemaker/endpoint:Endpoint",
    "vertex": "gcp:vertex/aiEndpoint:AiEndpoint",
    "azureml": "azure-native:machinelearningservices:OnlineEndpoint",
    "kubernetes": "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
}
"""By target, what callers know."""
CANARY = [
    {"rollout": {"stable": 1, "canary": 2, "percent": 10}},
    {"rollout": {"stable": 1, "canary": 2, "percent": 0}},
    {"rollout": {"stable": 1, "canary": 2, "percent": 50}},
    {"rollout": {"stable": 2}},
    {"rollout": {"stable": 1}},
]
"""Tried, taken back, tried again, made stable, and the version before made stable again."""
TOKEN = "a-token-of-nobody"


@pytest.fixture
def vertex_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[VertexRestApi]:
    """Vertex AI's API on loopback, with the example's endpoint, which the simulated cloud makes elsewhere."""
    stack = load_stack(SENTIMENT, "vertex")
    offline = run(SENTIMENT / "stacks", project=stack.project, stack="vertex", config=stack.config)
    (endpoint,) = offline.graph.of_type(KEPT["vertex"])
    name = f"projects/northwind-prod/locations/europe-west4/endpoints/{endpoint.inputs['name']}"
    api = VertexRestApi()
    api.endpoints = {name: {"name": name, "displayName": "vertex-sentiment"}}
    with ExitStack() as stack_of_contexts:
        monkeypatch.setenv("GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT", stack_of_contexts.enter_context(serving(api)))
        monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
        yield api


@pytest.mark.whole
@pytest.mark.parametrize(
    ("target", "layers"),
    [*((target, "all") for target in KEPT), ("vertex", "per_department")],
)
def test_the_sentiment_example_settles_and_a_canary_comes_and_goes(
    engine: Engine, vertex_api: VertexRestApi, target: str, layers: str
) -> None:
    project = engine.project(SENTIMENT)
    add_second_version(project.folder / "models" / "sentiment")
    stacks = in_layers(project, target, layers)
    settled(project, target, stacks)
    serving_stack = stacks[-1]
    kept = kept_of(project, serving_stack, KEPT[target])
    for step in CANARY:
        declare(project, target, **step)
        project.up(serving_stack)
        assert kept_of(project, serving_stack, KEPT[target]) == kept
        assert set(project.up(serving_stack)) == {"same"}
    assert TOKEN not in project.run("stack", "export", "--stack", serving_stack).stdout
    taken_down(project, stacks)
    assert vertex_api.models == {}


@pytest.mark.whole
@pytest.mark.parametrize("environment", ["quiet-nights", "sold-out", "now-and-then"])
def test_what_the_spiky_example_chose_is_deployed_and_settles(engine: Engine, environment: str) -> None:
    project = engine.project(SPIKY)
    settled(project, environment, [environment])
    taken_down(project, [environment])


def settled(project: Project, environment: str, stacks: list[str]) -> None:
    """Deploys the stacks; each is what the plan said, and nothing is left to do."""
    outputs: dict[str, dict[str, Any]] = {}
    planned = planned_after(project, environment, outputs)
    assert [stack.name for stack in planned.stacks] == stacks
    for stack in stacks:
        same_list_and_verdicts(project, planned, environment, stack)
        assert set(project.up(stack)) == {"create"}
        outputs = {stack: outputs_of(project, stack)}
        if stack != stacks[-1]:
            planned = planned_after(project, environment, outputs)
    for stack in stacks:
        assert set(project.up(stack)) == {"same"}


def taken_down(project: Project, stacks: list[str]) -> None:
    for stack in reversed(stacks):
        project.run("state", "unprotect", "--all", "--yes", "--stack", stack)
        project.destroy(stack)
        assert project.export(stack) == []


def in_layers(project: Project, target: str, layers: str) -> list[str]:
    """Names of the environment's stacks, in the order in which they are deployed."""
    if layers == "all":
        return [target]
    stacks = project.folder / "stacks"
    platform = stacks / target / "platform.yaml"
    platform.write_text(platform.read_text().replace("layers: all", "layers: per_department"))
    (stacks / f"Pulumi.{target}.yaml").unlink()
    names = {f"{target}-foundation": "foundation", f"{target}-support": "support"}
    for name, layer in names.items():
        config = {"config": {"modelyard:platform": target, "modelyard:layer": layer}}
        (stacks / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(config))
    return list(names)


def add_second_version(model: Path) -> None:
    """A version that has learnt a little otherwise."""
    shutil.copytree(model / "1", model / "2")
    weights = model / "2" / "weights.json"
    weights.write_text(weights.read_text() + "\n")


def declare(project: Project, target: str, **changes: Any) -> None:
    file = project.folder / "stacks" / target / "departments" / "support.yaml"
    declared = yaml.safe_load(file.read_text())
    (model,) = declared["models"]
    model.pop("version", None)
    model.update(changes)
    file.write_text(yaml.safe_dump(declared))


def kept_of(project: Project, stack: str, kind: str) -> list[str]:
    """Ids of what callers know, which a replacement would change."""
    found = [each for each in project.export(stack) if each["type"] == kind]
    assert found
    return sorted(f"{each['id']} {each['created']}" for each in found)
