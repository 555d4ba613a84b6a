"""Models of three clouds' managed services, planned from the same YAML: one declaration, another target."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from modelyard.graph import UNKNOWN
from modelyard.review.markdown import to_markdown
from modelyard.review.plan import PlanDocument
from modelyard.review.plan_json import to_json
from modelyard.review.refused import PlanRefused

from .managed_project import MANAGED, SENTIMENT, of_type, planned

TRITON = "europe-west4-docker.pkg.dev/northwind-prod/images/triton@sha256:" + "a" * 64
SCALING = {"min_replicas": 1, "max_replicas": 3}
TARGETS: dict[str, dict[str, Any]] = {
    "sagemaker": {"target": "sagemaker", "regions": ["us-east-1"], "sagemaker": {"instance_type": "ml.m5.large"}},
    "vertex": {"target": "vertex", "image": TRITON, "scaling": SCALING},
    "azureml": {"target": "azureml", "scaling": SCALING, "azureml": {"instance_type": "Standard_DS3_v2"}},
}
REGIONS = {"sagemaker": "us-east-1", "vertex": "europe-west4", "azureml": "westeurope"}
INSTANCES = {"sagemaker": "ml.m5.large", "vertex": None, "azureml": "Standard_DS3_v2"}
SERVICES = {"sagemaker": "SageMaker", "vertex": "Vertex AI", "azureml": "Azure ML"}
COMPONENTS = {
    "sagemaker": "modelyard:index:SageMakerEndpoint",
    "vertex": "modelyard:index:VertexEndpoint",
    "azureml": "modelyard:index:AzureMLEndpoint",
}
ROLLOUT = {"stable": 1, "canary": 2, "percent": 10, "sticky": {"cookie": "side"}}
PROFILE = {
    "source": "measured on paper for this test",
    "points": [
        {"accelerator": "cpu", "batch_size": 1, "latency_ms": 8.0},
        {"accelerator": "cpu", "batch_size": 8, "latency_ms": 30.0},
    ],
}
QUIET_NIGHTS = {
    "windows": [{"days": "mon-fri", "start": "08:00", "end": "20:00", "requests_per_second": 2.0}],
    "otherwise": 0.01,
}
AUTO: dict[str, Any] = {
    "target": "auto",
    "scaling": {},
    "resources": {"gpus": 0, "cpu": 2.0, "memory_gib": 2.0},
    "objective": {"p99_ms": 200.0, "requests_per_second": 2.0},
    "profile": PROFILE,
    "traffic": QUIET_NIGHTS,
}
ONE_REGION = {"managed": {"aws": {"regions": ["us-east-1"]}}}


def only_cloud(target: str) -> dict[str, Any]:
    cloud = {"sagemaker": "aws", "vertex": "gcp", "azureml": "azure"}[target]
    return {"managed": {cloud: MANAGED[cloud]}}


@pytest.fixture(scope="module", params=TARGETS)
def canary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, PlanDocument]:
    """A target, and the plan of a canary there with a tenth of the requests."""
    target: str = request.param
    model = {**SENTIMENT, **TARGETS[target], "rollout": ROLLOUT}
    return target, planned(tmp_path_factory.mktemp(target), model, platform=only_cloud(target))


def test_the_target_has_one_component_and_no_cluster(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    assert [each.name for each in of_type(document, COMPONENTS[target])] == [f"prod-sentiment-{REGIONS[target]}"]
    types = {resource.type for resource in document.resources()}
    assert not {each for each in types if each.startswith(("kubernetes:", "aws:eks/", "aws:ec2/"))}
    others = {"gcp:", "azure-native:", "aws:sagemaker/"} - {
        "vertex": {"gcp:"},
        "azureml": {"azure-native:"},
        "sagemaker": {"aws:sagemaker/"},
    }[target]
    assert not {each for each in types if each.startswith(tuple(others))}


def test_the_place_is_shown_everywhere(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    (line,) = document.models
    (place,) = line.places
    assert (place.target, place.cluster, place.instance_type) == (target, REGIONS[target], INSTANCES[target])
    assert place.shares == (("v1", 90), ("v2", 10))
    assert f"| {SERVICES[target]} {REGIONS[target]} |" in to_markdown(document)
    (model,) = to_json(document)["models"]
    (shown,) = model["places"]
    assert (shown["target"], shown["region"], shown["cluster"]) == (target, REGIONS[target], None)
    assert shown["shares"] == {"v1": 90, "v2": 10}


def test_what_the_target_cannot_do_is_a_line_with_the_nearest(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    lines = [notice for notice in document.notices if "does not do" in notice]
    asked = ["rollout.sticky"]
    if target == "azureml":
        asked.append("alerts.error_rate: 0.01 as a share of the requests")
    for line, each in zip(lines, asked, strict=True):
        assert line.startswith(f"model 'sentiment': {SERVICES[target]} does not do {each}; the nearest it can: ")


def test_the_endpoint_is_an_output_of_the_department(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    endpoint = document.outputs["prod-toys"]["endpoints"]["sentiment"][REGIONS[target]]
    assert {key: endpoint[key] for key in ("target", "region", "model")} == {
        "target": target,
        "region": REGIONS[target],
        "model": "sentiment",
    }
    assert (endpoint["name"] is not UNKNOWN and "sentiment" in endpoint["name"]) or "endpoints/" in endpoint["name"]
    assert "url" in endpoint


BESIDES = ("component", "target_model", "upload_to")


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (
            {
                "kind": "inference_components",
                "inference_components": {"memory_mib": 4096},
                "managed_scaling": {"min_instances": 1, "max_instances": 2},
            },
            {"component": "prod-sentiment"},
        ),
        ({"kind": "multi_model"}, {"target_model": "sentiment.tar.gz"}),
        ({"kind": "async"}, {"upload_to": UNKNOWN}),
        ({}, {}),
    ],
)
def test_what_a_request_names_besides_the_endpoint_is_an_output(
    own: dict[str, Any], said: dict[str, Any], tmp_path: Path
) -> None:
    model = {**SENTIMENT, "target": "sagemaker", "sagemaker": {"instance_type": "ml.m5.large", **own}}
    document = planned(tmp_path, model, platform=only_cloud("sagemaker"))
    endpoint = document.outputs["prod-toys"]["endpoints"]["sentiment"]["us-east-1"]
    assert {key: value for key, value in endpoint.items() if key in BESIDES} == said


def test_both_versions_are_uploaded_and_never_overwritten(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    kind, key = {
        "sagemaker": ("aws:s3/bucketObjectv2:BucketObjectv2", "key"),
        "vertex": ("gcp:storage/bucketObject:BucketObject", "name"),
        "azureml": ("azure-native:storage:Blob", "blobName"),
    }[target]
    places = sorted(each.inputs[key].split("/") for each in of_type(document, kind))
    assert {tuple(place[:2]) for place in places} == {("toys", "sentiment")}
    folders: dict[str, list[str]] = {}
    for place in places:
        folders.setdefault(place[2], []).append("/".join(place[3:]))
    assert sorted(map(sorted, folders.values())) == [
        ["sentiment/1/model.onnx", "sentiment/config.pbtxt"],
        ["sentiment/2/model.onnx", "sentiment/config.pbtxt"],
    ]


def test_weights_follow_the_rollout(canary: tuple[str, PlanDocument]) -> None:
    target, document = canary
    if target == "sagemaker":
        (configuration,) = of_type(document, "aws:sagemaker/endpointConfiguration:EndpointConfiguration")
        variants = configuration.inputs["productionVariants"]
        assert {each["variantName"]: each["initialVariantWeight"] for each in variants} == {"v1": 90, "v2": 10}
    elif target == "vertex":
        (split,) = of_type(document, "pulumi-python:dynamic/vertex:TrafficSplit")
        assert sorted(each["percent"] for each in split.inputs["shares"]) == [10, 90]
    else:
        (template,) = of_type(document, "azure-native:resources:Deployment")
        (endpoint,) = template.inputs["properties"]["template"]["resources"]
        assert sorted(endpoint["properties"]["traffic"].values()) == [10, 90]


@pytest.mark.parametrize("target", TARGETS)
def test_one_stack_declares_the_same_endpoint(target: str, tmp_path: Path) -> None:
    model = {**SENTIMENT, **TARGETS[target]}
    layered = planned(tmp_path / "layers", model, platform=only_cloud(target))
    whole = planned(tmp_path / "whole", model, platform=only_cloud(target), layers="all")

    def below(document: PlanDocument) -> list[tuple[str, str]]:
        return sorted((each.type, each.name) for each in document.resources() if COMPONENTS[target] in each.urn)

    assert len(below(whole)) > 5
    assert below(layered) == below(whole)


def test_one_environment_serves_on_three_clouds(tmp_path: Path) -> None:
    models = [{**SENTIMENT, **TARGETS[target], "name": f"sentiment-{target}"} for target in TARGETS]
    document = planned(tmp_path, *models)
    assert [(line.model, line.places[0].target) for line in document.models] == [
        (f"sentiment-{target}", target) for target in TARGETS
    ]
    assert set(document.outputs["prod-toys"]["endpoints"]) == {f"sentiment-{target}" for target in TARGETS}


@pytest.mark.parametrize(
    ("target", "own", "kind", "key", "place"),
    [
        pytest.param(
            "sagemaker",
            {"instance_type": "ml.m5.large", "framework": "sklearn"},
            "aws:s3/bucketObjectv2:BucketObjectv2",
            "key",
            "boost/1/model.joblib",
            id="a folder as it lies",
        ),
        pytest.param(
            "sagemaker",
            {"kind": "serverless", "framework": "sklearn"},
            "aws:s3/bucketObjectv2:BucketObjectv2",
            "key",
            "model.tar.gz",
            id="an archive",
        ),
        pytest.param(
            "vertex",
            {"prebuilt": "sklearn-cpu.1-6"},
            "gcp:storage/bucketObject:BucketObject",
            "name",
            "boost/1/model.joblib",
            id="a prebuilt container of Vertex AI",
        ),
        pytest.param(
            "azureml",
            {"instance_type": "Standard_DS3_v2", "model_type": "mlflow_model"},
            "azure-native:storage:Blob",
            "blobName",
            "boost/1/model.joblib",
            id="MLflow at Azure ML",
        ),
    ],
)
def test_a_service_serves_with_a_container_of_its_own(
    target: str,
    own: dict[str, Any],
    kind: str,
    key: str,
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    weights = tmp_path / "stacks" / "models" / "boost" / "1"
    weights.mkdir(parents=True)
    (weights / "model.joblib").write_text("weights")
    model = {"name": "boost", "task": "ranking", "source": "../models/boost", "target": target, target: own}
    document = planned(tmp_path, model, platform=only_cloud(target))
    uploaded = {each.inputs[key] for each in of_type(document, kind)}
    assert len(uploaded) == 1
    for each in uploaded:
        department, name, digest, rest = each.split("/", 3)
        assert (department, name, rest) == ("toys", "boost", place)
        assert len(digest) == 16
    assert "model 'boost' is not served by Triton: its latency is not predicted" in document.notices


TOLD = {
    "sagemaker": ("aws", "alarm_topics", "arn:aws:sns:us-east-1:123456789012:alerts"),
    "vertex": ("gcp", "notification_channels", "projects/northwind-prod/notificationChannels/7"),
    "azureml": (
        "azure",
        "action_groups",
        "/subscriptions/0a1b2c3d-4e5f-6789-abcd-ef0123456789/resourceGroups/on-call/providers/Microsoft.Insights/"
        "actionGroups/ml",
    ),
}
ALARMS = {
    "sagemaker": ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarmActions"),
    "vertex": ("gcp:monitoring/alertPolicy:AlertPolicy", "notificationChannels"),
    "azureml": ("azure-native:monitor:MetricAlert", "actions"),
}


@pytest.mark.parametrize("target", TOLD)
def test_alarms_tell_whom_the_platform_names(target: str, tmp_path: Path) -> None:
    cloud, key, somebody = TOLD[target]
    place = {**MANAGED[cloud], **({"regions": ["us-east-1"]} if cloud == "aws" else {})}
    model = {**SENTIMENT, **TARGETS[target]}
    silent = f"model 'sentiment' has alarms that tell nobody; name who is told in managed.{cloud}.{key}"
    assert silent in planned(tmp_path / "silent", model, platform={"managed": {cloud: place}}).notices
    named = {key: {"us-east-1": somebody} if cloud == "aws" else [somebody]}
    document = planned(tmp_path / "told", model, platform={"managed": {cloud: {**place, **named}}})
    assert silent not in document.notices
    kind, tells = ALARMS[target]
    alarms = of_type(document, kind)
    assert alarms and all(somebody in str(alarm.inputs[tells]) for alarm in alarms)


def test_auto_takes_the_cheapest_that_keeps_the_objective_and_says_why(tmp_path: Path) -> None:
    document = planned(tmp_path, {**SENTIMENT, **AUTO}, platform=ONE_REGION)
    (place,) = document.models[0].places
    assert (place.target, place.cluster, place.instance_type) == ("sagemaker", "us-east-1", None)
    (configuration,) = of_type(document, "aws:sagemaker/endpointConfiguration:EndpointConfiguration")
    assert configuration.inputs["productionVariants"][0]["serverlessConfig"]["memorySizeInMb"] == 2048
    (why,) = [notice for notice in document.notices if "has target auto" in notice]
    assert why.startswith(
        "model 'sentiment' has target auto: serverless, SageMaker 2048 MiB in us-east-1 is the cheapest that keeps "
        "200 ms: $"
    )


def test_auto_says_that_a_serverless_endpoint_keeps_no_schedule(tmp_path: Path) -> None:
    window = {"days": "mon-fri", "start": "08:00", "end": "18:00", "min_replicas": 2}
    model = {**SENTIMENT, **AUTO, "scaling": {"max_replicas": 2, "schedules": [window]}}
    document = planned(tmp_path, model, platform=ONE_REGION)
    (why,) = [notice for notice in document.notices if "has target auto" in notice]
    assert why.endswith(
        "; scaling.schedules is left behind, since a serverless endpoint has no instances to keep; the nearest it can: "
        "sagemaker.serverless.provisioned_concurrency"
    )


@pytest.mark.parametrize(
    ("without", "told"),
    [
        ("objective", "models[0].objective: is missing, and target auto compares by it; add it, or name a target"),
        ("traffic", "models[0].traffic: is missing, and target auto compares by it; add it, or name a target"),
        ("profile", "models[0].target: is auto, and there is no profile to compare by; measure one with modelyard try"),
    ],
)
def test_auto_says_what_it_needs(without: str, told: str, tmp_path: Path) -> None:
    model = {key: value for key, value in {**SENTIMENT, **AUTO}.items() if key != without}
    with pytest.raises(PlanRefused) as refused:
        planned(tmp_path, model, platform=ONE_REGION)
    assert told in str(refused.value)


def test_auto_refuses_where_nothing_keeps_the_objective(tmp_path: Path) -> None:
    model = {**SENTIMENT, **AUTO, "objective": {"p99_ms": 4.0, "requests_per_second": 2.0}}
    with pytest.raises(PlanRefused) as refused:
        planned(tmp_path, model, platform=ONE_REGION)
    assert "models[0].target: auto finds nothing to take: no option keeps 4 ms" in str(refused.value)


@pytest.mark.parametrize(
    ("target", "sdk", "extra"), [("vertex", "pulumi_gcp", "gcp"), ("azureml", "pulumi_azure_native", "azure")]
)
def test_a_missing_sdk_is_one_sentence(
    target: str, sdk: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == sdk or name.startswith(f"{sdk}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, sdk, None)
    with pytest.raises(PlanRefused) as refused:
        planned(tmp_path, {**SENTIMENT, **TARGETS[target]}, platform=only_cloud(target))
    (line,) = str(refused.value).splitlines()
    assert f"pip install modelyard[{extra}]" in line
