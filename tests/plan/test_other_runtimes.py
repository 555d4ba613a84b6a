"""A department that serves by other runtimes, and rolls a new version out: one declaration, the runtime is a choice."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource, ResourceGraph
from modelyard.review.build import plan
from modelyard.review.model_text import standing
from modelyard.review.plan import PlanDocument
from modelyard.review.refused import PlanRefused

REPOSITORY = Path(__file__).resolve().parents[2]
CPU = {"gpus": 0, "cpu": 1, "memory_gib": 3}
RESNET = {
    "name": "resnet50", "task": "image_classification", "runtime": "tensorflow_serving", "format": "savedmodel",
    "source": "../models/resnet50", "version": 3, "resources": CPU,
}  # fmt: skip
SPEECH = {
    "name": "speech", "task": "speech_recognition", "runtime": "torchserve", "source": "../models/speech",
    "resources": CPU,
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("runtimes")
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    shutil.copytree(REPOSITORY / "stacks", project / "stacks")
    models = project / "stacks" / "models"
    for version in (3, 4):
        folder = models / "resnet50" / str(version)
        (folder / "variables").mkdir(parents=True)
        (folder / "saved_model.pb").write_bytes(b"graph %d" % version)
        (folder / "variables" / "variables.index").write_bytes(b"index")
    (models / "speech" / "1").mkdir(parents=True)
    with zipfile.ZipFile(models / "speech" / "1" / "speech.mar", "w") as archive:
        named = {"modelName": "speech", "modelVersion": "1.3", "handler": "handler.py"}
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
        archive.writestr("handler.py", "def handle(data, context):\n    return data\n")
    shutil.copytree(models / "product-tagging" / "1", models / "product-tagging" / "2", dirs_exist_ok=True)
    return project


def planned(project: Path, change: Any) -> PlanDocument:
    """Of dev, whose department ``merchandising`` is changed for it."""
    file = project / "stacks" / "dev" / "departments" / "merchandising.yaml"
    original = file.read_text(encoding="utf-8")
    declared = yaml.safe_load(original)
    change(declared)
    file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    try:
        return plan(project / "stacks" / "dev", project / "stacks")
    finally:
        file.write_text(original, encoding="utf-8")


def objects(document: PlanDocument, kind: str) -> dict[str, Resource]:
    """Kubernetes objects of a kind by name."""
    graphs: list[ResourceGraph] = [stack.graph for stack in document.stacks]
    return {
        resource.inputs["metadata"]["name"]: resource
        for graph in graphs
        for resource in graph
        if resource.type.startswith("kubernetes:") and resource.inputs.get("kind") == kind
    }


@pytest.fixture(scope="module")
def others(project: Path) -> PlanDocument:
    return planned(project, lambda declared: declared["models"].extend([RESNET, SPEECH]))


def container(document: PlanDocument, name: str) -> dict[str, Any]:
    (found,) = objects(document, "Deployment")[name].inputs["spec"]["template"]["spec"]["containers"]
    return found


def test_each_model_has_the_server_that_it_names(others: PlanDocument) -> None:
    assert container(others, "resnet50")["name"] == "tensorflow-serving"
    assert container(others, "speech")["name"] == "torchserve"
    assert container(others, "product-tagging")["name"] == "triton"


def test_what_a_runtime_is_told(project: Path) -> None:
    def change(declared: dict[str, Any]) -> None:
        batching = {"max_batch_size": 16, "batch_timeout_us": 500, "num_batch_threads": 2}
        declared["models"].append({**RESNET, "tensorflow_serving": {"batching": batching}})
        declared["models"].append({**SPEECH, "torchserve": {"min_workers": 2, "config": {"job_queue_size": 50}}})

    settings = {
        name: each.inputs["data"] for name, each in objects(planned(project, change), "ConfigMap").items()
        if "-settings-" in name
    }  # fmt: skip
    told = {name.partition("-settings-")[0]: data for name, data in settings.items()}
    assert "max_batch_size" in told["resnet50"]["batching.config"]
    (properties,) = [text for file, text in told["speech"].items() if file.endswith(".properties")]
    assert "job_queue_size=50" in properties
    assert '"1.3"' in properties, "the version is called as the archive's manifest calls it"


def test_an_archive_of_another_model_is_refused(project: Path) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(project, lambda declared: declared["models"].append({**SPEECH, "name": "voice"}))
    assert "speech" in str(refused.value) and "voice" in str(refused.value)


def test_its_version_is_fetched_and_no_other(others: PlanDocument) -> None:
    lists = {name: each.inputs["data"]["list"] for name, each in objects(others, "ConfigMap").items() if "list" in
             each.inputs["data"]}  # fmt: skip
    fetched = {name.rpartition("-files-")[0]: listed for name, listed in lists.items()}
    paths = [line.split("\t")[3] for line in fetched["resnet50"].splitlines()]
    assert paths == ["resnet50/3/saved_model.pb", "resnet50/3/variables/variables.index"]
    assert [line.split("\t")[3] for line in fetched["speech"].splitlines()] == ["speech-v1.mar"]


def test_every_runtime_is_scraped_where_it_tells_its_metrics(others: PlanDocument) -> None:
    endpoints = {
        name: (each.inputs["spec"]["endpoints"][0]["port"], each.inputs["spec"]["endpoints"][0]["path"])
        for name, each in objects(others, "ServiceMonitor").items()
    }
    assert endpoints["tensorflow-serving"] == ("http", "/monitoring/prometheus/metrics")
    assert endpoints["torchserve"] == ("metrics", "/metrics")
    for name in ("tensorflow-serving", "torchserve", "triton"):
        monitor, found = objects(others, "ServiceMonitor")[name].inputs["spec"], False
        for service in objects(others, "Service").values():
            labels = service.inputs["metadata"]["labels"]
            if monitor["selector"]["matchLabels"].items() <= labels.items():
                assert endpoints[name][0] in [port["name"] for port in service.inputs["spec"]["ports"]]
                found = True
        assert found, name


def test_the_plan_says_what_it_does_not_predict(others: PlanDocument) -> None:
    assert any("resnet50" in notice and "not served by Triton" in notice for notice in others.notices)


def test_a_canary_of_a_triton_model_and_of_a_saved_model(project: Path) -> None:
    def change(declared: dict[str, Any]) -> None:
        (tagging,) = declared["models"]
        tagging.pop("version", None)
        tagging["rollout"] = {"stable": 1, "canary": 2, "percent": 10}
        resnet = {**RESNET, "rollout": {"stable": 3, "canary": 4, "percent": 50}}
        del resnet["version"]
        declared["models"].append(resnet)

    document = planned(project, change)
    deployments, routes = objects(document, "Deployment"), objects(document, "HTTPRoute")
    assert {"product-tagging", "product-tagging-canary-v2", "resnet50", "resnet50-canary-v4"} <= set(deployments)
    for name, weights in (("product-tagging", [90, 10]), ("resnet50", [50, 50])):
        rules = routes[name].inputs["spec"]["rules"]
        in_force = [rule["backendRefs"] for rule in rules if "headers" not in rule["matches"][0]]
        assert in_force and all([each["weight"] for each in backends] == weights for backends in in_force), name
    said = " ".join(document.notices)
    assert "version 2 answers 10 % of its requests, version 1 the rest; percent: 50 is the next step" in said
    digests = {
        name: deployments[name].inputs["spec"]["template"]["metadata"]["annotations"]["modelyard.dev/artefact-digest"]
        for name in ("resnet50", "resnet50-canary-v4")
    }
    assert len(set(digests.values())) == 2


def test_the_plan_names_the_servers_and_how_many_pods_a_canary_takes(project: Path) -> None:
    scaling = {"min_replicas": 2, "max_replicas": 6}

    def change(declared: dict[str, Any]) -> None:
        resnet = {**RESNET, "rollout": {"stable": 3, "canary": 4, "percent": 10}, "scaling": scaling}
        speech = {**SPEECH, "rollout": {"stable": 1, "by": "argo_rollouts"}}
        declared["models"] += [{key: value for key, value in resnet.items() if key != "version"}, speech]

    document = planned(project, change)
    lines = {line.model: line for line in document.models}
    assert {name: (line.runtime, line.server) for name, line in lines.items() if name in ("resnet50", "speech")} == {
        "resnet50": ("tensorflow_serving", "tensorflow_serving"),
        "speech": ("torchserve", "torchserve"),
    }
    tried, controlled = lines["resnet50"].rollout, lines["speech"].rollout
    scaler = objects(document, "HorizontalPodAutoscaler")["resnet50-canary-v4"].inputs["spec"]
    assert tried is not None and controlled is not None
    assert tried.canary_replicas == (scaler["minReplicas"], scaler["maxReplicas"]) == (1, 3)
    assert standing(tried).endswith("; next percent: 50; gates: none; 1-3 replicas of version 4")
    assert controlled.canary_replicas is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "onnx"}, "tensorflow_serving does not serve onnx; triton does"),
        ({"version": 9}, "has no files of version 9; it has 3, 4"),
        ({"source": "../models/product-tagging"}, "is for Triton; set runtime: triton"),
        ({"release": "26.07"}, "is a release of Triton; name the image of tensorflow_serving in image"),
        ({"torchserve": {"min_workers": 2}}, "torchserve is for that runtime, and runtime is tensorflow_serving"),
        ({"tensorflow_serving": {"batching": {"max_batch_size": 8, "allowed_batch_sizes": [4, 2]}}}, "do not increase"),
        ({"rollout": {"stable": 3, "canary": 7}}, "has no files of version 7; it has 3, 4"),
        ({"rollout": {"canary": 4}}, "canary 4 has no stable version beside it"),
        ({"rollout": {"stable": 3, "canary": 4, "percent": 120}}, "a canary gets at most 100 % of the traffic"),
    ],
)
def test_what_cannot_be(project: Path, changes: dict[str, Any], message: str) -> None:
    model = {**RESNET, **changes}
    if "rollout" in changes:
        del model["version"]
    with pytest.raises(PlanRefused) as refused:
        planned(project, lambda declared: declared["models"].append(model))
    assert message in str(refused.value)


JWT = {"jwt": {"issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/keys", "audiences": ["models"]}}


def test_what_a_model_asks_of_its_callers(project: Path) -> None:
    def change(declared: dict[str, Any]) -> None:
        declared["models"][0]["access"] = {"authentication": JWT, "rate_limit": {"requests": 50, "unit": "second"}}

    document = planned(project, change)
    assert objects(document, "SecurityPolicy").keys() == {"product-tagging"}
    policy = objects(document, "BackendTrafficPolicy")["product-tagging"].inputs["spec"]
    assert policy["rateLimit"]["local"]["rules"][0]["limit"] == {"requests": 50, "unit": "Second"}


def test_a_model_that_sleeps_brings_keda_and_no_alarm_at_night(project: Path) -> None:
    def change(declared: dict[str, Any]) -> None:
        day = {"days": "mon-fri", "start": "08:00", "end": "18:00", "timezone": "Europe/Berlin", "min_replicas": 1}
        declared["models"][0]["scaling"] = {"min_replicas": 0, "max_replicas": 2, "schedules": [day]}

    plain, sleeping = planned(project, lambda _declared: None), planned(project, change)
    releases = [
        {
            resource.inputs["chart"]
            for stack in document.stacks
            for resource in stack.graph
            if "Release" in resource.type
        }
        for document in (plain, sleeping)
    ]
    assert [any("keda" in chart for chart in charts) for charts in releases] == [False, True]
    assert objects(sleeping, "ScaledObject").keys() == {"product-tagging"}
    alerts = objects(sleeping, "PrometheusRule")["product-tagging"].inputs["spec"]["groups"][0]["rules"]
    assert "ModelNoReplicas" not in [rule.get("alert") for rule in alerts]


@pytest.mark.parametrize(
    ("access", "message"),
    [
        (
            {"authentication": {"mtls": {"secret": "ca"}}},
            "authentication.mtls belongs to the gateway's",
        ),
        ({"rate_limit": {"requests": 5, "unit": "second", "scope": "global"}}, "is global, which is counted in Redis"),
        ({"rate_limit": {"requests": 5, "unit": "second", "per": {"claim": "sub"}}}, "only jwt has claims"),
    ],
)
def test_access_that_cannot_be(project: Path, access: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(project, lambda declared: declared["models"][0].update(access=access))
    assert message in str(refused.value)
