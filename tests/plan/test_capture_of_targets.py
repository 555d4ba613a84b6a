"""One declaration of what is kept for drift, and what becomes of it at each target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import UNKNOWN, Resource
from modelyard.review.plan import PlanDocument

from .managed_project import SENTIMENT, of_type, planned
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


TOLD = {"sagemaker": sagemaker, "vertex": vertex, "azureml": azureml}


@pytest.mark.parametrize("target", TOLD)
def test_one_declaration_means_the_same_at_every_service(tmp_path: Path, target: str) -> None:
    document = capturing(tmp_path, target, CAPTURE)
    assert TOLD[target](document) == (20, {"input", "output"}, 30)
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
