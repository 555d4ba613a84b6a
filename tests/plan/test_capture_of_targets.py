"""One declaration of what is kept for drift, and what becomes of it at each target."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from modelyard.cost.sagemaker_monitoring import runs_a_day
from modelyard.environment.load import load
from modelyard.graph import UNKNOWN, Resource
from modelyard.resolve.environment import resolve
from modelyard.review.endpoint_lines import endpoint_notices
from modelyard.review.plan import PlanDocument

from .managed_project import SENTIMENT, of_type, planned, write
from .test_managed_targets import TARGETS

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BIGQUERY = "gcp:bigquery/table:Table"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
POLICY = "azure-native:storage:ManagementPolicy"
CAPTURE: dict[str, Any] = {"percent": 20, "content": "input_and_output", "retention_days": 30}
DAY_MS = 24 * 60 * 60 * 1000


def capturing(root: Path, target: str, capture: dict[str, Any], **more: Any) -> PlanDocument:
    return planned(root, {**SENTIMENT, **TARGETS[target], "capture": capture, **more}, layers="all")


def first(document: PlanDocument, kind: str) -> Resource:
    return of_type(document, kind)[0]


def store_rules(document: PlanDocument) -> list[dict[str, Any]]:
    """Of the region where the model is."""
    (found,) = (each for each in of_type(document, LIFECYCLE) if each.inputs["region"] == "us-east-1")
    return found.inputs["rules"]


def sagemaker(document: PlanDocument) -> tuple[float, set[str], int]:
    """Percent, content and days, as each service is told."""
    told = first(document, CONFIGURATION).inputs["dataCaptureConfig"]
    (rule,) = (rule for rule in store_rules(document) if rule["id"].startswith("captured"))
    assert rule["filter"]["prefix"] == "toys/sentiment/data/captured/"
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 1}
    modes = {mode["captureMode"].lower() for mode in told["captureOptions"]}
    return told["initialSamplingPercentage"], modes, rule["expiration"]["days"]


def vertex(document: PlanDocument) -> tuple[float, set[str], int]:
    told = first(document, "gcp:vertex/aiEndpoint:AiEndpoint").inputs["predictRequestResponseLoggingConfig"]
    table = first(document, BIGQUERY).inputs
    assert (table["tableId"], table["timePartitioning"]["field"]) == ("requests", "logging_time")
    return told["samplingRate"] * 100, {"input", "output"}, table["timePartitioning"]["expirationMs"] / DAY_MS


def azureml(document: PlanDocument) -> tuple[float, set[str], int]:
    told = first(document, DEPLOYMENT).inputs["properties"]["dataCollector"]["collections"]
    (rule,) = first(document, POLICY).inputs["policy"]["rules"]
    (rate,) = {collection["samplingRate"] for collection in told.values()}
    called = {"request": "input", "response": "output"}
    days = rule["definition"]["actions"]["baseBlob"]["delete"]["daysAfterModificationGreaterThan"]
    return rate * 100, {called[name] for name in told}, days


STORAGE = {
    "sagemaker": "captured requests and answers are charged with the bucket that they are put into",
    "vertex": "logged requests",
    "azureml": "collected requests and answers are charged with the storage account that they are put into",
}
"""What says that nobody knows the price of keeping them."""
TOLD = {"sagemaker": sagemaker, "vertex": vertex, "azureml": azureml}


@pytest.mark.parametrize("target", TOLD)
def test_one_declaration_means_the_same_at_every_service(tmp_path: Path, target: str) -> None:
    document = capturing(tmp_path, target, CAPTURE)
    assert TOLD[target](document) == (20, {"input", "output"}, 30)
    assert STORAGE[target] in (*document.costs.assumptions, *(each.what for each in document.costs.unpriced))
    assert not [line for line in document.notices if "capture" in line and "does" in line]


@pytest.mark.parametrize(("content", "kept"), [("input", {"input"}), ("output", {"output"})])
@pytest.mark.parametrize("target", ["sagemaker", "azureml"])
def test_requests_or_answers_alone(tmp_path: Path, target: str, content: str, kept: set[str]) -> None:
    assert TOLD[target](capturing(tmp_path, target, {"content": content})) == (10, kept, 90)


def test_whoever_looks_for_drift_is_told_where_it_lies(tmp_path: Path) -> None:
    places = {}
    for target in TARGETS:
        document = capturing(tmp_path / target, target, CAPTURE)
        component = {"sagemaker": "SageMakerEndpoint", "vertex": "VertexEndpoint", "azureml": "AzureMLEndpoint"}[target]
        places[target] = first(document, f"modelyard:index:{component}").outputs["captured"]
    assert places["sagemaker"] == "s3://northwind-prod-models-us-east-1/toys/sentiment/data/captured"
    assert places["vertex"] == "bq://northwind-prod.requests_prod_toys_sentiment_europe_west4.requests"
    assert places["azureml"] is UNKNOWN or places["azureml"].endswith("/paths/modelDataCollector/sentiment-toys-prod/")


@pytest.mark.parametrize(
    ("target", "changes", "line"),
    [
        (
            "sagemaker",
            {"sagemaker": {"kind": "serverless"}, "scaling": {}},
            "model 'sentiment': SageMaker does only in part capture; the nearest it can: sagemaker.kind: real_time; a "
            "serverless endpoint captures nothing",
        ),
        (
            "sagemaker",
            {"sagemaker": {"instance_type": "ml.m5.large", "capture": {"url": "s3://drift/of/ours"}}},
            "model 'sentiment': SageMaker does only in part capture.retention_days: 30; the nearest it can: a "
            "lifecycle rule of the bucket in sagemaker.capture.url, which is whoever's the bucket is; the model store "
            "gets one by itself",
        ),
        (
            "vertex",
            {"capture": {**CAPTURE, "content": "input"}},
            "model 'sentiment': Vertex AI does not do capture.content: input; the nearest it can: request and answer "
            "in one row of BigQuery, of which a query reads the column that is wanted",
        ),
    ],
    ids=["serverless", "bucket of one's own", "requests alone"],
)
def test_what_a_service_cannot_is_one_line(tmp_path: Path, target: str, changes: dict[str, Any], line: str) -> None:
    document = planned(tmp_path, {**SENTIMENT, **TARGETS[target], "capture": CAPTURE, **changes}, layers="all")
    assert [each for each in document.notices if "capture" in each and "does" in each] == [line]


def test_clusters_drop_it_not_in_silence(tmp_path: Path) -> None:
    cluster = {"name": "east", "region": "us-east-1", "existing": {"kubeconfig": {"config": "kubeconfig"}}}
    folder = write(
        tmp_path,
        {**SENTIMENT, "scaling": {}, "resources": {"gpus": 0}, "capture": CAPTURE},
        platform={"clusters": [cluster], "gateway": {"domain": "ml.example.com"}},
    )
    assert list(endpoint_notices(resolve(load(folder)))) == [
        "model 'sentiment': Kubernetes does not do capture; the nearest it can: target: sagemaker, vertex or azureml, "
        "whose service keeps payloads; on clusters the caller keeps its own requests"
    ]


def test_a_bucket_of_ones_own_gets_no_rule_from_us(tmp_path: Path) -> None:
    own = {"instance_type": "ml.m5.large", "capture": {"url": "s3://drift/of/ours"}}
    document = capturing(tmp_path, "sagemaker", CAPTURE, sagemaker=own)
    told = first(document, CONFIGURATION).inputs["dataCaptureConfig"]
    assert (told["destinationS3Uri"], told["initialSamplingPercentage"]) == ("s3://drift/of/ours", 20)
    assert [rule["id"] for rule in store_rules(document)] == ["old-versions"]


def test_what_azure_alone_has_refines_it(tmp_path: Path) -> None:
    own = {"instance_type": "Standard_DS3_v2", "data_collection": {"rolling_rate": "day", "capture_headers": ["x-id"]}}
    told = first(capturing(tmp_path, "azureml", CAPTURE, azureml=own), DEPLOYMENT).inputs
    collector = told["properties"]["dataCollector"]
    assert (collector["rollingRate"], collector["requestLogging"]) == ("Day", {"captureHeaders": ["x-id"]})
    assert collector["collections"]["request"]["samplingRate"] == 0.2


def test_nothing_is_made_where_nothing_is_captured(tmp_path: Path) -> None:
    for target in TARGETS:
        document = planned(tmp_path / target, {**SENTIMENT, **TARGETS[target]}, layers="all")
        assert not of_type(document, POLICY) and not of_type(document, BIGQUERY)
        assert all(len(each.inputs["rules"]) == 1 for each in of_type(document, LIFECYCLE))


def watched(tmp_path: Path, **costs: Any) -> PlanDocument:
    baseline = {"constraints_url": "s3://b/constraints.json", "statistics_url": "s3://b/statistics.json"}
    own = {
        "instance_type": "ml.m5.large",
        "quality": {"every_hours": 6, "max_runtime_seconds": 1800, "instances": 2, "data": baseline},
    }
    model = {**SENTIMENT, **TARGETS["sagemaker"], "capture": CAPTURE, "sagemaker": own}
    return planned(tmp_path, model, layers="all", platform={"costs": costs} if costs else None)


def test_what_is_captured_is_watched_by_jobs_and_a_plan_says_who_may_have_them(tmp_path: Path) -> None:
    document = watched(tmp_path)
    job = first(document, "aws-native:sagemaker:DataQualityJobDefinition").inputs
    (output,) = job["dataQualityJobOutputConfig"]["monitoringOutputs"]
    place = "s3://northwind-prod-models-us-east-1/toys/sentiment/data"
    assert output["s3Output"]["s3Uri"] == f"{place}/quality/data"
    assert [line for line in document.notices if "quality" in line and "does" in line] == [
        "model 'sentiment': SageMaker does only in part sagemaker.quality; the nearest it can: what accounts that used "
        "Model Monitor before 2026-07-30 have; in another, a job of your own over what captured names"
    ]


def test_runs_of_a_job_cost_the_longest_that_they_may_last(tmp_path: Path) -> None:
    override = {
        "match": "aws/us-east-1/SageMaker processing/*",
        "usd": 0.20,
        "unit": "hour",
        "reason": "worked out for this test",
    }
    costs = watched(tmp_path, price_overrides=[override]).costs
    (line,) = (line for line in costs.lines if "DataQualityJobDefinition::" in line.urn)
    # 730 / 24 days of four runs, half an hour each on two instances: 730 / 24 x 4 x 0.5 x 2 x 0.20
    assert (line.usd, line.model) == (Decimal("24.33"), "sentiment")


def test_without_a_price_of_their_own_the_runs_are_said_to_have_none(tmp_path: Path) -> None:
    costs = watched(tmp_path).costs
    (left,) = (each for each in costs.unpriced if each.type == "aws-native:sagemaker:DataQualityJobDefinition")
    assert left.reason.startswith("the catalog has no price")
    assert not [each for each in costs.unpriced if each.type.endswith("MonitoringSchedule")]


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("cron(0 * ? * * *)", 24),
        ("cron(0 17 ? * * *)", 1),
        ("cron(0 2/6 ? * * *)", 4),
        ("cron(0 0/5 ? * * *)", 5),
        ("NOW", None),
    ],
)
def test_runs_of_a_schedule_are_counted(expression: str, runs: int | None) -> None:
    assert runs_a_day(expression) == runs
