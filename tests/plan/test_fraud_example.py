"""The fraud ensemble as a project of its own: it plans, within its budget, on machines without GPUs."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelyard.repository.build import build
from modelyard.repository.checks import check
from modelyard.repository.load import read
from modelyard.repository.repository import Repository
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fraud-ensemble"
RELEASE = "26.07"


@pytest.fixture(scope="module")
def repository() -> Repository:
    declared = read(EXAMPLE / "models" / "fraud", "fraud", boundary=EXAMPLE)
    return build(declared, version=None, release=RELEASE)


@pytest.fixture(scope="module")
def planned() -> PlanDocument:
    return plan(EXAMPLE / "stacks" / "prod", EXAMPLE / "stacks")


def test_its_stages_are_what_a_transaction_meets(repository: Repository) -> None:
    assert repository.stages() == ("preprocess", "classifier", "rules")
    assert [model.format for model in repository.models] == ["python", "fil", "python", "ensemble"]


def test_nothing_is_wrong_with_its_repository(repository: Repository) -> None:
    assert [str(problem) for problem in check(repository, release=RELEASE, p99_ms=50)] == []


def test_every_file_of_its_stages_is_deployed_and_no_other(repository: Repository) -> None:
    assert [file.key for file in repository.files] == [
        "classifier/1/xgboost.json",
        "classifier/config.pbtxt",
        "fraud/1/empty",
        "fraud/config.pbtxt",
        "preprocess/1/encoding.json",
        "preprocess/1/features.py",
        "preprocess/1/model.py",
        "preprocess/config.pbtxt",
        "rules/1/decision.py",
        "rules/1/model.py",
        "rules/1/policy.json",
        "rules/config.pbtxt",
    ]


def test_it_plans_without_a_broken_policy_or_a_resource_without_a_price(planned: PlanDocument) -> None:
    assert planned.exit_code == 0
    assert planned.costs.unpriced == []
    assert planned.placement.to_json()["misfits"] == []


def test_it_asks_for_no_gpu(planned: PlanDocument) -> None:
    (stack,) = planned.stacks
    (deployment,) = stack.graph.of_type("kubernetes:apps/v1:Deployment")
    resources = [each["resources"] for each in deployment.inputs["spec"]["template"]["spec"]["containers"]]
    assert all("nvidia.com/gpu" not in limits for each in resources for limits in each.values())
    assert stack.graph.of_type("aws:eks/nodeGroup:NodeGroup")
    assert all(
        group.inputs["amiType"] == "AL2023_x86_64_STANDARD"
        for group in stack.graph.of_type("aws:eks/nodeGroup:NodeGroup")
    )
