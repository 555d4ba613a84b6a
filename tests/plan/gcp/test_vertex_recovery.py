"""Under the real engine: a deployment that fails ends in a sentence and is taken up by the next, and traffic that
somebody else moves is found and moved back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.real_engine import REPO, Engine, EngineFailed, Project
from unit.serving.vertex.rest_server import VertexRestApi, serving

pytestmark = [pytest.mark.engine, pytest.mark.whole]

PROGRAM = REPO / "tests" / "engine" / "programs" / "vertex"
TOKEN = "planted-token-1"


@pytest.fixture
def api() -> VertexRestApi:
    made = VertexRestApi()
    made.endpoints.clear()
    made.any_endpoint = True
    return made


@pytest.fixture
def project(api: VertexRestApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    if shutil.which("pulumi") is None:
        pytest.skip("the real Pulumi engine (`pulumi`) is not on PATH: recovery is NOT checked in this run")
    with serving(api) as address:
        monkeypatch.setenv("GOOGLE_VERTEX_AI_CUSTOM_ENDPOINT", address)
        monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", TOKEN)
        made = Engine(tmp_path / "engine").project(PROGRAM, "vertex")
        made.set_config("dev", {"stable": "1"})
        yield made


def test_what_failed_is_taken_up_and_what_drifted_is_moved_back(project: Project, api: VertexRestApi) -> None:
    api.operation_errors["deploy"] = "Model server exited unexpectedly."
    with pytest.raises(EngineFailed) as failed:
        project.up("dev")
    sentence = str(failed.value).splitlines()[1]
    assert sentence.startswith("Vertex AI began to deploy sentiment-v1 to projects/shop-prod/locations/us-central1/")
    assert "and failed: Model server exited unexpectedly; its operation is" in sentence

    project.up("dev")
    ((name, endpoint),) = api.endpoints.items()
    (deployed,) = endpoint["deployedModels"]
    assert endpoint["trafficSplit"] == {deployed["id"]: 100}
    assert [list(versions) for versions in api.models.values()] == [["1"]], "it was uploaded once"
    assert project.steps("dev") == []

    endpoint["trafficSplit"] = {}
    deployed["dedicatedResources"]["maxReplicaCount"] = 9
    assert project.refresh("dev")["update"] == 2
    moved = project.steps("dev")
    assert {(operation, urn.split("::")[2].rpartition("$")[2].rpartition(":")[2]) for operation, urn in moved} == {
        ("update", "TrafficSplit"), ("update", "DeployedModel"),
    }  # fmt: skip
    assert api.endpoints[name]["trafficSplit"] == {deployed["id"]: 100}
    assert deployed["dedicatedResources"]["maxReplicaCount"] == 3
    assert TOKEN not in json.dumps(project.export("dev"))
