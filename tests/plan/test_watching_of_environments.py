"""What Prometheus is told of a department's models from its YAML, whoever serves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from modelyard.review.plan import PlanDocument

from .test_kserve_and_seldon import (
    CANARY,
    CHURN,
    FRAUD,
    LOYALTY,
    RESNET,
    RISK,
    SPEECH,
    installed,
    models,
    objects,
    planned,
    project,  # noqa: F401  (a fixture)
)

KNATIVE = {**CHURN, "name": "lapse", "kserve": {"server": "sklearnserver", "mode": "knative"}}
OBJECTIVE = {"objective": {"p99_ms": 80, "requests_per_second": 5}}


@pytest.fixture(scope="module")
def watched(project: Path) -> PlanDocument:  # noqa: F811
    plain = {**RESNET, "name": "resnet", "runtime": "tensorflow_serving", "source": "../models/resnet50"}
    plain |= {"format": "savedmodel"}
    del plain["kserve"]
    fraud = {**FRAUD, **CANARY, **OBJECTIVE}
    department = models(fraud, {**CHURN, **OBJECTIVE}, SPEECH, plain, {**RISK, **CANARY}, LOYALTY)
    return planned(project, department, installed("seldon"))


def alerts(document: PlanDocument, model: str) -> dict[str, Any]:
    (group,) = objects(document, "PrometheusRule")[model]["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def test_every_model_has_alerts(watched: PlanDocument) -> None:
    declared = {line.model for line in watched.models}
    assert declared <= set(objects(watched, "PrometheusRule"))


def test_each_kind_of_pods_is_scraped_once(watched: PlanDocument) -> None:
    assert set(objects(watched, "PodMonitor")) - {"gateway-proxies"} == {
        "kserve-mlserver",
        "kserve-sklearnserver",
        "kserve-torchserve",
        "seldon-agents",
    }
    assert set(objects(watched, "ServiceMonitor")) >= {"triton", "tensorflow-serving"}


@pytest.mark.parametrize(
    ("model", "alert", "asked"),
    [
        (
            "fraud",
            "CanaryErrorRate",
            'model_infer_request_failure_total{namespace="merchandising",service="fraud-canary',
        ),
        ("fraud", "CanaryLatencyP99", "httproute/merchandising/fraud/(rule/(8|9)|rule/(4|5)/backend/1)"),
        ("churn", "ModelLatencyP99", "httproute/merchandising/churn/rule/"),
        ("speech", "ModelErrorRate", 'Requests5XX{namespace="merchandising",service="speech-predictor"}'),
        ("resnet", "ModelErrorRate", ':tensorflow:serving:request_count{namespace="merchandising",service="resnet"'),
        ("risk", "CanaryErrorRate", 'model_internal=~"risk-canary-v2_[0-9]+"'),
        ("loyalty", "ModelErrorRate", 'model_internal=~"loyalty_[0-9]+"'),
        ("loyalty", "ModelNoReplicas", 'statefulset="risk"'),
    ],
)
def test_each_is_asked_about_as_its_server_tells(watched: PlanDocument, model: str, alert: str, asked: str) -> None:
    assert asked in alerts(watched, model)[alert]["expr"]


def test_a_version_is_on_the_alerts_of_each_side(watched: PlanDocument) -> None:
    told = alerts(watched, "fraud")
    assert {key: told["CanaryErrorRate"]["labels"][key] for key in ("track", "version")} == {
        "track": "canary",
        "version": "2",
    }
    assert told["ModelErrorRate"]["labels"]["version"] == "1"
    assert told["CanaryErrorRate"]["annotations"]["summary"].startswith("fraud-canary-v2 (canary of fraud) fails ")
    assert "track" not in alerts(watched, "churn")["ModelNoReplicas"]["labels"]


def test_knative_is_asked_by_the_servers_own_buckets(project: Path) -> None:  # noqa: F811
    document = planned(project, models({**KNATIVE, **OBJECTIVE}), installed("knative", "seldon"))
    assert "request_predict_seconds_bucket" in alerts(document, "lapse")["ModelLatencyP99"]["expr"]
    assert set(objects(document, "PodMonitor")) == {"gateway-proxies", "kserve-sklearnserver-knative"}
