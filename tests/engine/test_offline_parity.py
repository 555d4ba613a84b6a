"""The offline engine against the real one, on one program that uses what an engine has to get right."""

from __future__ import annotations

import json

import pytest
from modelyard.graph import Secret
from modelyard.offline import run
from modelyard.offline.normalise import from_graph, from_preview
from modelyard.offline.simulated import answering_providers

from .real_engine import REPO, Engine

pytestmark = pytest.mark.engine

PROGRAMS = REPO / "tests" / "engine" / "programs"
REGION = {"aws:region": "us-east-1"}
PASSWORD = "hunter2-hunter2"


def test_a_preview_and_an_offline_run_declare_the_same(engine: Engine) -> None:
    network = engine.project(PROGRAMS / "network", "network")
    network.set_config("dev", REGION)
    assert network.up("dev") == {"create": 2}
    rich = engine.project(PROGRAMS / "rich", "rich")
    rich.set_config("dev", REGION)
    rich.set_config("dev", {"password": PASSWORD}, secret=True)
    document = rich.preview("dev")

    referenced = run(PROGRAMS / "network", project="network", stack="dev", config=REGION, mode="up")
    offline = run(
        PROGRAMS / "rich",
        project="rich",
        stack="dev",
        config={**REGION, "rich:password": Secret(PASSWORD)},
        references={"organization/network/dev": referenced.outputs},
        providers=answering_providers(),
    )

    ours, theirs = from_graph(offline.graph), from_preview(document)
    assert sorted(ours) == sorted(theirs)
    assert [urn for urn in theirs if ours[urn] != theirs[urn]] == []
    assert len(ours) == 46
    assert PASSWORD not in json.dumps(document) + repr(offline)


def test_a_deployment_settles_and_goes_away(engine: Engine) -> None:
    network = engine.project(PROGRAMS / "network", "network")
    network.set_config("dev", REGION)
    network.up("dev")
    rich = engine.project(PROGRAMS / "rich", "rich")
    rich.set_config("dev", REGION)
    rich.set_config("dev", {"password": PASSWORD}, secret=True)
    first = rich.up("dev")
    assert first["create"] == 44
    second = rich.up("dev")
    assert second["same"] == first["create"]
    assert "update" not in second
    assert "replace" not in second
    state = rich.export("dev")
    assert PASSWORD not in json.dumps(state)
    assert _outputs_offline_up() == _outputs_of(state)
    rich.run("state", "unprotect", "--all", "--yes", "--stack", "dev")
    rich.destroy("dev")
    assert rich.export("dev") == []


def _outputs_offline_up() -> dict[str, object]:
    referenced = run(PROGRAMS / "network", project="network", stack="dev", config=REGION, mode="up")
    offline = run(
        PROGRAMS / "rich",
        project="rich",
        stack="dev",
        config={**REGION, "rich:password": Secret(PASSWORD)},
        references={"organization/network/dev": referenced.outputs},
        mode="up",
    )
    return {name: value for name, value in offline.outputs.items() if not isinstance(value, Secret)}


def _outputs_of(state: list[dict[str, object]]) -> dict[str, object]:
    (stack,) = [resource for resource in state if resource["type"] == "pulumi:pulumi:Stack"]
    outputs = stack["outputs"]
    assert isinstance(outputs, dict)
    return {name: value for name, value in outputs.items() if not (isinstance(value, dict) and "ciphertext" in value)}
