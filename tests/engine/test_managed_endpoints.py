"""Managed endpoints under the real engine: planned alike, deployed once, shifted, promoted, taken back, destroyed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import NamedTuple

import pytest
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview, is_default_provider
from modelyard.offline.simulated import answering_providers
from unit.serving.vertex.rest_server import PARENT, VertexRestApi, serving

from .real_engine import REPO, Engine, Project, Steps
from .test_changes import short

pytestmark = pytest.mark.engine

PROGRAMS = REPO / "tests" / "engine" / "programs"
CANARY = {"canary": "2", "percent": "10"}
TOKEN = "a-token-of-nobody"


class Target(NamedTuple):
    """One program and what its parts are called."""

    program: str
    endpoint: str
    """The resource that callers know: ``Type::name``."""
    version: str
    """A version's own, with the version as ``{}``: there before its share, gone after it."""
    shares: str
    """The resource that moves the shares."""


SAGEMAKER = Target("sagemaker", "Endpoint::sentiment", "Model::sentiment-v{}", "EndpointConfiguration::sentiment")
VERTEX = Target("vertex", "AiEndpoint::sentiment", "DeployedModel::sentiment-v{}", "TrafficSplit::sentiment")
AZURE = Target(
    "azureml", "OnlineEndpoint::sentiment", "OnlineDeployment::sentiment-version-{}", "Deployment::sentiment-traffic"
)
TARGETS = pytest.mark.parametrize("target", [SAGEMAKER, VERTEX, AZURE], ids=lambda target: target.program)


@pytest.fixture
def vertex_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[VertexRestApi]:
    """Vertex AI's API on loopback, where the engine's dynamic resources look for it; it has the program's endpoint."""
    api = VertexRestApi()
    offline = run(PROGRAMS / "vertex", project="vertex", stack="dev", config={"vertex:stable": "1"})
    (endpoint,) = offline.graph.of_type("gcp:vertex/aiEndpoint:AiEndpoint")
    name = f"{PARENT}/endpoints/{endpoint.inputs['name']}"
    api.endpoints = {name: {"name": name, "displayName": "prod-sentiment"}}
    with ExitStack() as stack:
        monkeypatch.setenv("GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT", stack.enter_context(serving(api)))
        monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
        yield api


@pytest.mark.parametrize(
    ("target", "config"),
    [
        pytest.param(SAGEMAKER, CANARY, id="sagemaker"),
        pytest.param(VERTEX, CANARY, id="vertex"),
        pytest.param(AZURE, CANARY, id="azureml"),
        pytest.param(SAGEMAKER, {"kind": "serverless"}, id="serverless", marks=pytest.mark.whole),
        pytest.param(SAGEMAKER, {"kind": "async"}, id="async", marks=pytest.mark.whole),
        pytest.param(SAGEMAKER, {"kind": "inference_components"}, id="components", marks=pytest.mark.whole),
    ],
)
def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine, target: Target, config: dict[str, str]) -> None:
    project = configured(engine, target, stable="1", **config)
    document = project.preview("dev")
    offline = run(
        PROGRAMS / target.program,
        project=target.program,
        stack="dev",
        config={f"{target.program}:{key}": value for key, value in {"stable": "1", **config}.items()},
        providers=answering_providers(),
    )
    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert {urn: (ours[urn], theirs[urn]) for urn in theirs if ours[urn] != theirs[urn]} == {}


@pytest.mark.whole
@TARGETS
def test_a_model_is_deployed_shifted_promoted_taken_back_and_destroyed(
    engine: Engine, target: Target, vertex_api: VertexRestApi
) -> None:
    project = configured(engine, target, stable="1")
    assert set(project.up("dev")) == {"create"}
    assert project.steps("dev") == []
    assert set(project.refresh("dev")) == {"same"}

    begun = changed(project, **CANARY)
    assert ("create", target.version.format(2)) in begun
    assert_never_replaced(target, begun)
    assert_before(begun, ("create", target.version.format(2)), moved(target, begun))
    assert project.steps("dev") == []

    taken_back = changed(project, percent="0")
    assert_never_replaced(target, taken_back)
    assert ("delete", target.version.format(2)) not in taken_back
    assert names(taken_back) & {target.shares} == {target.shares}
    changed(project, percent="50")

    promoted = changed(project, stable="2", canary=None, percent=None)
    assert_never_replaced(target, promoted)
    assert ("delete", target.version.format(1)) in promoted
    assert ("create", target.version.format(2)) not in promoted
    assert_before(promoted, moved(target, promoted), ("delete", target.version.format(1)))
    assert project.steps("dev") == []

    back = changed(project, stable="1")
    assert_never_replaced(target, back)
    assert_before(back, ("create", target.version.format(1)), moved(target, back))
    assert_before(back, moved(target, back), ("delete", target.version.format(2)))
    assert TOKEN not in json.dumps(project.export("dev"))

    project.destroy("dev")
    assert project.export("dev") == []
    if target is VERTEX:
        assert vertex_api.models == {}
        assert all("deployedModels" not in each or not each["deployedModels"] for each in vertex_api.endpoints.values())


@pytest.mark.whole
def test_components_are_put_into_a_network_and_the_endpoint_stays(engine: Engine) -> None:
    project = configured(engine, SAGEMAKER, stable="1", kind="inference_components")
    assert set(project.up("dev")) == {"create"}
    isolated = changed(project, isolated="true")
    assert_never_replaced(SAGEMAKER, isolated)
    assert_before(isolated, ("create", "EndpointConfig::sentiment"), ("update", SAGEMAKER.endpoint))
    assert_before(isolated, ("update", SAGEMAKER.endpoint), ("delete", SAGEMAKER.shares))
    assert project.steps("dev") == []
    promoted = changed(project, stable="2")
    assert_never_replaced(SAGEMAKER, promoted)
    assert ("update", "InferenceComponent::sentiment") in promoted
    assert project.steps("dev") == []
    project.destroy("dev")
    assert project.export("dev") == []


@pytest.mark.whole
def test_another_job_definition_is_there_before_its_schedule_takes_it(engine: Engine) -> None:
    project = configured(engine, SAGEMAKER, stable="1")
    project.up("dev")
    steps = changed(project, volume="40")
    for kind in ("Data", "Model"):
        definition = f"{kind}QualityJobDefinition::sentiment-{kind.lower()}-quality"
        schedule = ("update", f"MonitoringSchedule::sentiment-{kind.lower()}-quality")
        assert_before(steps, ("create-replacement", definition), schedule)
        assert_before(steps, schedule, ("delete-replaced", definition))
    assert names(steps) == {name for name in names(steps) if "quality" in name}
    assert_never_replaced(SAGEMAKER, steps)
    project.destroy("dev")
    assert project.export("dev") == []


def configured(engine: Engine, target: Target, **values: str) -> Project:
    project = engine.project(PROGRAMS / target.program, target.program)
    project.set_config("dev", dict(values))
    return project


def changed(project: Project, **values: str | None) -> Steps:
    """What ``up`` did after an edit, as operation and ``Type::name``; it was also what ``preview`` planned."""
    given: Mapping[str, str | None] = values
    project.set_config("dev", {key: value for key, value in given.items() if value is not None})
    for key in (key for key, value in given.items() if value is None):
        project.run("config", "rm", "--stack", "dev", key)
    planned, done = project.planned_steps("dev"), project.steps("dev")
    # The engine's own provider of dynamic resources is given the stack's configuration, whoever reads it.
    assert set(done) == {(operation, urn) for operation, urn in planned if not is_default_provider(urn)}
    return [(operation, short(urn)) for operation, urn in done]


def assert_never_replaced(target: Target, steps: Steps) -> None:
    assert {operation for operation, name in steps if name == target.endpoint} <= {"update"}


def moved(target: Target, steps: Steps) -> tuple[str, str]:
    """The step that gives callers their new shares."""
    if target is SAGEMAKER:
        # The endpoint takes another configuration, which is there before it and goes after it.
        assert_before(steps, ("create-replacement", target.shares), ("update", target.endpoint))
        assert_before(steps, ("update", target.endpoint), ("delete-replaced", target.shares))
        return "update", target.endpoint
    return "update", target.shares


def assert_before(steps: Steps, first: tuple[str, str], second: tuple[str, str]) -> None:
    assert first in steps
    assert second in steps
    assert steps.index(first) < steps.index(second)


def names(steps: Steps) -> set[str]:
    return {name for _, name in steps}
