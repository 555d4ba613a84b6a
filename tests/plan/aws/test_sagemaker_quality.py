"""Jobs of Model Monitor over what an endpoint has captured: what they are told, what they may, who is told."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from modelyard.graph import ResourceGraph
from recorded_graph import waits_for

from .program import one
from .sagemaker_program import ENDPOINT, KEY, declared, said

DATA_JOB = "aws-native:sagemaker:DataQualityJobDefinition"
MODEL_JOB = "aws-native:sagemaker:ModelQualityJobDefinition"
SCHEDULE = "aws-native:sagemaker:MonitoringSchedule"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BASELINE = {
    "constraints_url": "s3://baselines/tagging/constraints.json",
    "statistics_url": "s3://baselines/tagging/statistics.json",
}
LABELLED = {
    "problem": "binary_classification",
    "ground_truth_url": "s3://labels/tagging",
    "constraints_url": "s3://baselines/tagging/quality.json",
    "probability_attribute": "0",
    "probability_threshold": 0.7,
    "start_hours_ago": 48,
    "end_hours_ago": 24,
}
CAPTURED: dict[str, Any] = {"capture": {"percent": 100}, "data_url": "s3://models/toys/tagging/data"}


def jobs(**quality: Any) -> ResourceGraph:
    return declared(quality={"data": BASELINE, "model": LABELLED, **quality}, **CAPTURED)


def test_drift_is_measured_against_its_baseline() -> None:
    job = one(jobs(volume_gib=50, instances=2), DATA_JOB).inputs
    assert job["dataQualityAppSpecification"] == {
        "imageUri": "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer",
        "environment": {"publish_cloudwatch_metrics": "Enabled"},
    }
    assert job["dataQualityBaselineConfig"] == {
        "constraintsResource": {"s3Uri": BASELINE["constraints_url"]},
        "statisticsResource": {"s3Uri": BASELINE["statistics_url"]},
    }
    assert job["dataQualityJobInput"]["endpointInput"]["endpointName"] == "prod-tagging"
    (output,) = job["dataQualityJobOutputConfig"]["monitoringOutputs"]
    assert output["s3Output"]["s3Uri"] == "s3://models/toys/tagging/data/quality/data"
    assert job["jobResources"]["clusterConfig"] == {
        "instanceCount": 2,
        "instanceType": "ml.m5.xlarge",
        "volumeSizeInGb": 50,
    }
    assert job["networkConfig"] == {"enableInterContainerTrafficEncryption": True, "enableNetworkIsolation": False}
    assert job["stoppingCondition"] == {"maxRuntimeInSeconds": 3600}


def test_answers_are_compared_with_what_was_right() -> None:
    job = one(jobs(), MODEL_JOB).inputs
    assert job["modelQualityAppSpecification"]["problemType"] == "BinaryClassification"
    assert job["modelQualityJobInput"]["groundTruthS3Input"] == {"s3Uri": "s3://labels/tagging"}
    asked = job["modelQualityJobInput"]["endpointInput"]
    assert (asked["probabilityAttribute"], asked["probabilityThresholdAttribute"]) == ("0", 0.7)
    assert (asked["startTimeOffset"], asked["endTimeOffset"]) == ("-PT48H", "-PT24H")
    assert "inferenceAttribute" not in asked
    assert job["modelQualityBaselineConfig"] == {"constraintsResource": {"s3Uri": LABELLED["constraints_url"]}}


@pytest.mark.parametrize(
    ("when", "expression"),
    [
        ({}, "cron(0 0 ? * * *)"),
        ({"start_hour_utc": 17}, "cron(0 17 ? * * *)"),
        ({"every_hours": 6, "start_hour_utc": 2}, "cron(0 2/6 ? * * *)"),
        ({"every_hours": 1}, "cron(0 * ? * * *)"),
    ],
)
def test_jobs_run_by_the_clock_of_utc(when: dict[str, Any], expression: str) -> None:
    schedules = jobs(**when).of_type(SCHEDULE)
    told = [each.inputs["monitoringScheduleConfig"] for each in schedules]
    assert {each["monitoringType"] for each in told} == {"DataQuality", "ModelQuality"}
    assert {each["scheduleConfig"]["scheduleExpression"] for each in told} == {expression}


def test_a_schedule_names_its_definition_and_both_wait_for_the_endpoint() -> None:
    graph = jobs()
    job = one(graph, DATA_JOB)
    (schedule,) = (each for each in graph.of_type(SCHEDULE) if each.name == job.name)
    assert schedule.inputs["monitoringScheduleConfig"]["monitoringJobDefinitionName"] == job.inputs["jobDefinitionName"]
    assert waits_for(graph, schedule, job)
    assert waits_for(graph, job, one(graph, ENDPOINT))


def test_another_definition_takes_its_place_under_the_same_schedule() -> None:
    before, after = jobs(), jobs(volume_gib=30)
    assert [each.name for each in before.of_type(DATA_JOB)] == [each.name for each in after.of_type(DATA_JOB)]
    # A name of Pulumi's own, so that the new one is there before the old one goes.
    assert one(after, DATA_JOB).inputs["jobDefinitionName"].startswith("prod-tagging-data-quality-")
    assert all(each.inputs["monitoringScheduleName"].startswith(f"{each.name}-") for each in after.of_type(SCHEDULE))


def test_somebody_is_told_of_drift_and_of_wrong_answers() -> None:
    graph = declared(
        quality={
            "every_hours": 12,
            "data": {**BASELINE, "drift_alarms": {"age": 0.2}},
            "model": {**LABELLED, "alarms": {"f1": 0.8, "false_positive_rate": 0.1}},
        },
        alarm_topic_arn="arn:aws:sns:us-east-1:123456789012:alerts",
        **CAPTURED,
    )
    alarms = {each.name.removeprefix("prod-tagging-"): each.inputs for each in graph.of_type(ALARM)}
    drift, f1, wrong = alarms["drift-age"], alarms["quality-f1"], alarms["quality-false_positive_rate"]
    assert (drift["namespace"], drift["metricName"]) == (
        "aws/sagemaker/Endpoints/data-metrics",
        "feature_baseline_drift_age",
    )
    assert (drift["comparisonOperator"], drift["threshold"], drift["period"]) == ("GreaterThanThreshold", 0.2, 43_200)
    names = {each.name: each.inputs["monitoringScheduleName"] for each in graph.of_type(SCHEDULE)}
    schedule = names["prod-tagging-data-quality"]
    assert drift["dimensions"] == {"Endpoint": "prod-tagging", "MonitoringSchedule": schedule}
    assert f1["namespace"] == "aws/sagemaker/Endpoints/model-metrics"
    assert (f1["comparisonOperator"], f1["threshold"]) == ("LessThanThreshold", 0.8)
    assert (wrong["comparisonOperator"], wrong["threshold"]) == ("GreaterThanThreshold", 0.1)
    assert drift["alarmActions"] == ["arn:aws:sns:us-east-1:123456789012:alerts"]


def test_the_jobs_role_reads_what_they_need_and_writes_reports_alone() -> None:
    graph = declared(quality={"data": BASELINE, "model": LABELLED}, kms_key_arn=KEY, **CAPTURED)
    policies = {each.name: each.inputs["policy"] for each in graph.of_type("aws:iam/rolePolicy:RolePolicy")}
    allowed = {each["Sid"]: each for each in json.loads(policies["prod-tagging-quality"])["Statement"]}
    assert allowed["ReadArtefact"]["Resource"] == [
        "arn:aws:s3:::models/toys/tagging/data/captured/*",
        "arn:aws:s3:::baselines/tagging/constraints.json",
        "arn:aws:s3:::baselines/tagging/statistics.json",
        "arn:aws:s3:::baselines/tagging/quality.json",
        "arn:aws:s3:::labels/tagging/*",
    ]
    assert allowed["WriteData"]["Resource"] == ["arn:aws:s3:::models/toys/tagging/data/quality/*"]
    assert allowed["EncryptData"]["Resource"] == KEY
    metrics = json.loads(policies["prod-tagging-quality-account"])["Statement"][1]
    assert metrics["Condition"]["StringEquals"]["cloudwatch:namespace"] == [
        "aws/sagemaker/Endpoints/data-metrics",
        "aws/sagemaker/Endpoints/model-metrics",
    ]
    endpoints = json.loads(policies["prod-tagging"])["Statement"]
    assert "baselines" not in json.dumps(endpoints)
    job = one(graph, DATA_JOB).inputs
    assert job["jobResources"]["clusterConfig"]["volumeKmsKeyId"] == KEY
    assert job["dataQualityJobOutputConfig"]["kmsKeyId"] == KEY
    assert job["roleArn"].rpartition("/")[2].startswith("prod-tagging-quality-")


def test_jobs_are_in_the_endpoints_network() -> None:
    subnets, groups = ["subnet-0123456789abcdef0"], ["sg-0123456789abcdef0"]
    job = one(
        declared(quality={"data": BASELINE}, subnet_ids=subnets, security_group_ids=groups, **CAPTURED), DATA_JOB
    ).inputs
    assert job["networkConfig"]["vpcConfig"] == {"subnets": subnets, "securityGroupIds": groups}


def test_everything_says_whose_it_is() -> None:
    graph = jobs()
    for each in (*graph.of_type(DATA_JOB), *graph.of_type(MODEL_JOB), *graph.of_type(SCHEDULE)):
        assert {"key": "department", "value": "toys"} in each.inputs["tags"], each.name
        assert {"key": "model", "value": "tagging"} in each.inputs["tags"], each.name


@pytest.mark.parametrize(
    ("args", "sentences"),
    [
        (
            {"quality": {"data": BASELINE}, "capture": None},
            ["quality looks at what is captured, and nothing is; add capture: {percent: 100}, or delete quality"],
        ),
        (
            {"quality": {"data": BASELINE}, "capture": {"content": "output"}},
            ["quality.data looks at requests, and capture.content is output; write input_and_output"],
        ),
        (
            {"quality": {"model": LABELLED}, "capture": {"content": "input"}},
            ["quality.model looks at answers, and capture.content is input; write input_and_output"],
        ),
        (
            {"quality": {"data": BASELINE}, "kind": "async"},
            ["quality looks at endpoints of kind real_time, and kind is async; delete quality, or set real_time"],
        ),
        (
            {"quality": {"data": BASELINE}, "data_url": None, "capture": {"url": "s3://drift/ours"}},
            ["quality.reports_url is missing, and so is data_url, below which it would lie; add one of them"],
        ),
        ({"quality": {}}, ["names neither data nor model; add what the jobs look at, or delete quality"]),
        (
            {"quality": {"data": BASELINE, "every_hours": 1, "max_runtime_seconds": 7200}},
            ["max_runtime_seconds 7200 is longer than every_hours 1; lower it, or let it run less often"],
        ),
        (
            {"quality": {"data": BASELINE, "instance_type": "m5.xlarge"}},
            ["'m5.xlarge' is no instance type of SageMaker; write one such as ml.m5.xlarge"],
        ),
        (
            {"quality": {"data": BASELINE, "instance_type": "ml.c7g.xlarge"}},
            ["'ml.c7g.xlarge' has an Arm processor, and Model Monitor's image is for x86-64; write ml.m5.xlarge"],
        ),
        (
            {"quality": {"model": {**LABELLED, "problem": "regression", "alarms": {"f1": 0.5}}}},
            [
                "probability_attribute is for classification, and problem is regression; delete it",
                "probability_threshold is for binary_classification, not for regression; delete it",
                "alarms: 'f1' is not a metric of regression",
            ],
        ),
        (
            {"quality": {"model": {**LABELLED, "start_hours_ago": 24}}},
            ["start_hours_ago 24 must be more than end_hours_ago 24; raise it"],
        ),
        (
            {"quality": {"data": {**BASELINE, "drift_alarms": {"a b": 0.1}}}},
            ["'a b' is no name of a feature; allowed are 200 letters, digits, underscores, dots, hyphens"],
        ),
    ],
)
def test_what_cannot_be_is_told_before_the_first_resource(args: dict[str, Any], sentences: list[str]) -> None:
    told = said(**{**CAPTURED, **args})
    for sentence in sentences:
        assert sentence in told


def test_without_the_sdk_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pulumi_aws_native", None)
    assert "quality of SageMakerEndpoint needs the package pulumi-aws-native; pip install modelyard[aws-native]" in (
        said(quality={"data": BASELINE}, **CAPTURED)
    )
