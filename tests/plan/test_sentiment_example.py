"""The sentiment example plans at every target, by the name of its environment alone, from the same model."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from modelyard.environment.target import Target
from modelyard.offline import load_stack, run
from modelyard.offline.simulated import answering_providers
from modelyard.repository.build import build
from modelyard.repository.checks import check
from modelyard.repository.load import read
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.serving.client import Endpoint

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sentiment-api"
RELEASE = "26.07"
SERVED_BY = {
    "sagemaker": "modelyard:index:SageMakerEndpoint",
    "vertex": "modelyard:index:VertexEndpoint",
    "azureml": "modelyard:index:AzureMLEndpoint",
    "kubernetes": "modelyard:index:TritonService",
}
SDK = {"vertex": "pulumi_gcp", "azureml": "pulumi_azure_native"}
TARGETS = list(SERVED_BY)


@pytest.fixture(scope="module", params=TARGETS)
def planned(request: pytest.FixtureRequest) -> tuple[str, PlanDocument]:
    target = request.param
    if target in SDK:
        pytest.importorskip(SDK[target], reason=f"{SDK[target]} is missing, so {target} was not planned")
    return target, plan(EXAMPLE / "stacks" / target, EXAMPLE / "stacks")


def test_it_plans_without_a_broken_policy(planned: tuple[str, PlanDocument]) -> None:
    assert planned[1].exit_code == 0


def test_the_target_serves_the_model_and_nothing_else_does(planned: tuple[str, PlanDocument]) -> None:
    target, document = planned
    (stack,) = document.stacks
    found = {kind for kind in SERVED_BY.values() if stack.graph.of_type(kind)}
    assert found == {SERVED_BY[target]}
    clusters = stack.graph.of_type("aws:eks/cluster:Cluster")
    assert bool(clusters) == (target == "kubernetes")


@pytest.mark.parametrize(
    ("target", "region", "url"),
    [
        ("sagemaker", "us-east-1",
         "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/sagemaker-sentiment/invocations"),
        ("vertex", "europe-west4",
         r"https://(\d+)\.europe-west4-\d+\.prediction\.vertexai\.goog/v1/projects/northwind-prod/locations/europe-west4/"
         r"endpoints/\1:rawPredict"),
        ("azureml", "westeurope", r"https://sentiment-support-azureml\.westeurope\.inference\.ml\.azure\.com/score"),
        ("kubernetes", None, "https://sentiment.main.northwind.example"),
    ],
)  # fmt: skip
def test_the_client_finds_what_the_deployed_stack_puts_out(target: Target, region: str | None, url: str) -> None:
    """Outputs of a whole deployment to the simulated clouds, as a file holds them."""
    if target in SDK:
        pytest.importorskip(SDK[target], reason=f"{SDK[target]} is missing, so {target} was not deployed")
    stack = load_stack(EXAMPLE, target)
    deployed = run(
        EXAMPLE / "stacks",
        project=stack.project,
        stack=stack.stack,
        config=stack.config,
        mode="up",
        providers=answering_providers(),
    )
    outputs = json.loads(json.dumps({key: deployed.outputs.get(key, {}) for key in ("endpoints", "models")}))
    found = Endpoint.of_outputs(outputs, "sentiment")
    assert (found.target, found.region) == (target, region)
    assert re.fullmatch(url, found.url)
    assert Endpoint.at(found.url, "sentiment").target == target


def test_one_value_of_a_stack_says_where() -> None:
    configs = [load_stack(EXAMPLE, target).config for target in TARGETS]
    assert [config["modelyard:platform"] for config in configs] == TARGETS
    assert len({json.dumps({**config, "modelyard:platform": ""}) for config in configs}) == 1


def test_every_target_has_the_same_model() -> None:
    declared = [
        yaml.safe_load((EXAMPLE / "stacks" / target / "departments" / "support.yaml").read_text())["models"][0]
        for target in TARGETS
    ]
    of_the_model = ("name", "task", "format", "source", "version", "resources")
    assert len({json.dumps([each[key] for key in of_the_model]) for each in declared}) == 1
    assert [each["target"] for each in declared] == TARGETS


def test_nothing_is_wrong_with_its_repository() -> None:
    repository = build(
        read(EXAMPLE / "models" / "sentiment", "sentiment", boundary=EXAMPLE), version=None, release=RELEASE
    )
    assert [str(problem) for problem in check(repository, release=RELEASE, p99_ms=200)] == []
    assert [file.key for file in repository.files] == [
        "sentiment/1/classifier.py",
        "sentiment/1/model.py",
        "sentiment/1/weights.json",
        "sentiment/config.pbtxt",
    ]


def test_training_makes_the_same_files(tmp_path: Path) -> None:
    copy = tmp_path / "example"
    shutil.copytree(EXAMPLE, copy)
    made = ("models/sentiment/1/weights.json", "models/sentiment/golden.json")
    for file in made:
        (copy / file).unlink()
    command = [sys.executable, "training/train.py"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    assert done.stdout == "105 of 120 sentences are judged rightly by a model that never saw them\n"
    assert [(copy / file).read_bytes() for file in made] == [(EXAMPLE / file).read_bytes() for file in made]
