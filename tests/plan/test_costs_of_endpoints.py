"""What real components of three clouds cost in a plan of real YAML, and where a model with traffic would run."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelyard.review.html.page import parts
from modelyard.review.markdown import to_markdown
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import lines

from .managed_project import MANAGED, SENTIMENT, planned

BY_DAY = [{"days": "mon-fri", "start": "08:00", "end": "18:00", "timezone": "Europe/London", "min_replicas": 2}]
SCALING = {"min_replicas": 1, "max_replicas": 3, "schedules": BY_DAY}
TRITON = "europe-west4-docker.pkg.dev/northwind-prod/images/triton@sha256:" + "a" * 64
MODELS: tuple[dict[str, Any], ...] = (
    {
        "name": "at-sagemaker",
        "target": "sagemaker",
        "regions": ["us-east-1"],
        "sagemaker": {"instance_type": "ml.m5.xlarge"},
        "scaling": {**SCALING, "target_requests_per_second": 20},
    },
    {
        "name": "at-azureml",
        "target": "azureml",
        "azureml": {"instance_type": "Standard_F4s_v2"},
        "scaling": SCALING,
    },
    {"name": "at-vertex", "target": "vertex", "image": TRITON, "scaling": {"min_replicas": 1, "max_replicas": 3}},
)
QUIET_NIGHTS = {
    "windows": [{"days": "mon-fri", "start": "08:00", "end": "18:00", "requests_per_second": 10.0}],
    "otherwise": 0.0,
}


@pytest.fixture(scope="module")
def three_clouds(tmp_path_factory: pytest.TempPathFactory) -> PlanDocument:
    """The same model at each service, with a higher floor by day where the service keeps hours."""
    models = [{**SENTIMENT, **model} for model in MODELS]
    platform = {
        "costs": {
            "price_overrides": [
                {
                    "match": "gcp/europe-west4/Vertex AI prediction/*",
                    "usd": 0.11,
                    "unit": "hour",
                    "reason": "worked out for this test",
                }
            ]
        }
    }
    return planned(tmp_path_factory.mktemp("three"), *models, platform=platform)


@pytest.mark.parametrize(
    ("type_token", "dollars"),
    [
        # (1 + 50 / 168) x 730 x 0.23
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "217.87"),
        # (1 + 50 / 168) x 730 x 0.194
        ("azure-native:machinelearningservices:OnlineDeployment", "183.77"),
        # 730 x 0.11
        ("pulumi-python:dynamic/vertex:DeployedModel", "80.30"),
    ],
)
def test_each_service_is_priced_with_its_hours_and_charged_to_its_model(
    three_clouds: PlanDocument, type_token: str, dollars: str
) -> None:
    found = [line for line in three_clouds.costs.lines if f"${type_token}::" in line.urn]
    assert sum(line.usd for line in found) == Decimal(dollars)
    service = {"aws": "sagemaker", "azure-native": "azureml", "pulumi-python": "vertex"}[type_token.partition(":")[0]]
    assert {(line.department, line.model) for line in found} == {("toys", f"at-{service}")}


def test_every_type_of_every_cloud_has_a_rule_or_is_free(three_clouds: PlanDocument) -> None:
    assert [each.type for each in three_clouds.costs.unpriced if each.reason.startswith("no rule for")] == []


def test_growth_counts_what_autoscalers_may_add(three_clouds: PlanDocument) -> None:
    # Up to three of each: 730 x (0.23 x (3 - 1.2976) + 0.194 x (3 - 1.2976) + 0.11 x 2)
    grown = three_clouds.costs.at_max - three_clouds.costs.total
    assert grown == pytest.approx(Decimal("687.50"), abs=Decimal("0.5"))


def test_a_comparison_is_in_every_form_of_the_plan(tmp_path: Path) -> None:
    model = {
        **SENTIMENT,
        "target": "auto",
        "scaling": {},
        "resources": {"gpus": 0, "cpu": 2.0, "memory_gib": 2.0},
        "objective": {"p99_ms": 200.0, "requests_per_second": 10.0},
        "profile": {
            "source": "measured on paper for this test",
            "points": [{"accelerator": "cpu", "batch_size": size, "latency_ms": 8.0 * size} for size in (1, 8)],
        },
        "traffic": QUIET_NIGHTS,
    }
    document = planned(tmp_path, model, platform={"managed": {"aws": MANAGED["aws"]}})
    (found,) = json.loads("".join(lines(document)))["choices"]
    (chosen,) = [option for option in found["options"] if option["chosen"]]
    assert (chosen["kind"], chosen["target"], found["taken"]) == ("serverless", "sagemaker", True)
    assert {option["where"] for option in found["options"]} == {"us-east-1", "eu-west-1"}
    assert {option["kind"] for option in found["options"]} >= {"always_on", "serverless", "serverless_with_warm_floor"}
    (configuration,) = [line for line in document.costs.lines if "endpointConfiguration" in line.urn]
    # The estimate has the same requests: what the comparison says is what the plan costs.
    assert float(configuration.usd) == pytest.approx(chosen["monthly_usd"], abs=0.01)
    assert chosen["why"] in "".join(parts(document))
    assert "### Where to run" in to_markdown(document)
