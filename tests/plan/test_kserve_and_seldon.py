"""A department whose models KServe and Seldon serve, planned from its YAML: the servers, the files that they copy or
check, canaries, graphs and pipelines."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from modelyard.graph import Resource, ResourceGraph
from modelyard.review.build import plan
from modelyard.review.plan import PlanDocument
from modelyard.review.refused import PlanRefused

REPOSITORY = Path(__file__).resolve().parents[2]
CPU = {"gpus": 0, "cpu": 0.5, "memory_gib": 1}
EXPLAINER = "example.com/explain@sha256:" + "b" * 64
Model = dict[str, Any]


def served(name: str, runtime: str, server: dict[str, Any], source: str, **more: Any) -> Model:
    return {
        "name": name, "task": "tabular_classification", "runtime": runtime, runtime: server,
        "source": f"../models/{source}", "resources": CPU, **more,
    }  # fmt: skip


FRAUD = served("fraud", "kserve", {"server": "mlserver"}, "fraud", format="xgboost")
CHURN = served("churn", "kserve", {"server": "sklearnserver"}, "churn")
RESNET = served("resnet50", "kserve", {"server": "tensorflow_serving"}, "resnet50", version=3)
SPEECH = served("speech", "kserve", {"server": "torchserve"}, "speech")
BOOST = served("boost", "kserve", {"server": "xgbserver"}, "fraud")
RISK = served("risk", "seldon", {"server": "mlserver"}, "fraud", format="xgboost")
LOYALTY = {**served("loyalty", "seldon", {"server": "mlserver", "shared_server": "risk"}, "churn", format="sklearn")}
del LOYALTY["resources"]
CANARY = {"rollout": {"stable": 1, "canary": 2, "percent": 10}}
STEPS = [{"model": "churn"}, {"model": "fraud", "data": "$response"}]
SCORE = {"name": "score", "nodes": {"root": {"router": "Sequence", "steps": STEPS}}}
CHAIN = {"name": "chain", "steps": [{"model": "risk"}, {"model": "loyalty", "inputs": ["risk"]}], "output": ["loyalty"]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("controllers")
    shutil.copy(REPOSITORY / "Pulumi.yaml", project)
    shutil.copytree(REPOSITORY / "stacks", project / "stacks")
    models = project / "stacks" / "models"
    files = {"fraud/1/model.json": "one", "fraud/2/model.json": "two", "churn/1/model.joblib": "a",
             "resnet50/3/saved_model.pb": "g", "resnet50/3/variables/variables.index": "i"}  # fmt: skip
    for name, text in files.items():
        (models / name).parent.mkdir(parents=True, exist_ok=True)
        (models / name).write_text(text)
    (models / "speech" / "1").mkdir(parents=True)
    with zipfile.ZipFile(models / "speech" / "1" / "speech.mar", "w") as archive:
        named = {"modelName": "speech", "modelVersion": "1.0", "handler": "handler.py"}
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps({"runtime": "python", "model": named}))
        archive.writestr("handler.py", "def handle(data, context):\n    return data\n")
    return project


Change = Callable[[dict[str, Any]], Any]


def planned(project: Path, change: Change, platform: Change | None = None) -> PlanDocument:
    """Of dev, whose department ``merchandising``, and platform, are changed for it."""
    changes = {"departments/merchandising.yaml": change}
    if platform is not None:
        changes["platform.yaml"] = platform
    files = {project / "stacks" / "dev" / name: each for name, each in changes.items()}
    originals = {file: file.read_text(encoding="utf-8") for file in files}
    try:
        for file, each in files.items():
            declared = yaml.safe_load(originals[file])
            each(declared)
            file.write_text(yaml.safe_dump(declared), encoding="utf-8")
        return plan(project / "stacks" / "dev", project / "stacks")
    finally:
        for file, text in originals.items():
            file.write_text(text, encoding="utf-8")


def models(*each: Model, **lists: Any) -> Change:
    def change(declared: dict[str, Any]) -> None:
        declared["models"].extend(each)
        declared.update(lists)

    return change


def installed(*software: str) -> Change:
    def change(declared: dict[str, Any]) -> None:
        declared["clusters"][0]["installed"] = list(software)

    return change


def resources(document: PlanDocument) -> list[Resource]:
    graphs: list[ResourceGraph] = [stack.graph for stack in document.stacks]
    return [resource for graph in graphs for resource in graph]


def objects(document: PlanDocument, kind: str) -> dict[str, Any]:
    """Inputs of the Kubernetes objects of a kind, by name."""
    return {
        each.inputs["metadata"]["name"]: each.inputs
        for each in resources(document)
        if each.type.startswith("kubernetes:") and each.inputs.get("kind") == kind
    }


def uploaded(document: PlanDocument, model: str) -> list[str]:
    """Keys of its objects below the department."""
    keys = [each.inputs["key"] for each in resources(document) if each.type == "aws:s3/bucketObjectv2:BucketObjectv2"]
    return sorted(key.removeprefix("merchandising/") for key in keys if key.startswith(f"merchandising/{model}/"))


@pytest.fixture(scope="module")
def document(project: Path) -> PlanDocument:
    def change(declared: dict[str, Any]) -> None:
        (tagging,) = declared["models"]
        tagging |= {"runtime": "kserve", "kserve": {"server": "triton"}}
        declared["models"] += [{**FRAUD, **CANARY}, CHURN, RESNET, SPEECH, BOOST, {**RISK, **CANARY}, LOYALTY]
        declared |= {"graphs": [SCORE], "pipelines": [CHAIN]}

    return planned(project, change)


def container(document: PlanDocument, name: str) -> dict[str, Any]:
    (found,) = objects(document, "ServingRuntime")[name]["spec"]["containers"]
    return found


@pytest.mark.parametrize(
    ("name", "image", "format"),
    [
        ("product-tagging", "nvcr.io/nvidia/tritonserver:", "onnx"),
        ("fraud", "docker.io/seldonio/mlserver:", "xgboost"),
        ("churn", "docker.io/kserve/sklearnserver:", "sklearn"),
        ("boost", "docker.io/kserve/xgbserver:", "xgboost"),
        ("resnet50", "docker.io/tensorflow/serving:", "tensorflow"),
        ("speech", "docker.io/pytorch/torchserve:", "pytorch"),
    ],
)
def test_each_server_and_its_format(document: PlanDocument, name: str, image: str, format: str) -> None:
    assert container(document, name)["image"].startswith(image)
    predictor = objects(document, "InferenceService")[name]["spec"]["predictor"]
    assert predictor["model"]["modelFormat"]["name"] == format
    (download,) = predictor["initContainers"]
    given = {each["name"] for each in download["env"]}
    assert "rclone" in download["image"] and "MODEL_FILES" in given, "our own container fetches it, and checks it"


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("product-tagging", ["product-tagging/1/model.onnx", "product-tagging/config.pbtxt"]),
        ("fraud", ["fraud/1/model.json"]),
        ("fraud-canary-v2", ["fraud/2/model.json"]),
        ("resnet50", ["resnet50/3/saved_model.pb", "resnet50/3/variables/variables.index"]),
        ("speech", ["speech.mar"]),
    ],
)
def test_files_are_checked_by_their_own_checksums(document: PlanDocument, name: str, paths: list[str]) -> None:
    lists = {
        found.rpartition("-files-")[0]: each["data"]["list"]
        for found, each in objects(document, "ConfigMap").items()
        if "-files-" in found
    }
    rows = [line.split("\t") for line in lists[name].splitlines()]
    assert [row[3] for row in rows] == paths
    keys = uploaded(document, name.removesuffix("-canary-v2"))
    assert {f"{name.removesuffix('-canary-v2')}/{row[2]}" for row in rows} <= set(keys)
    assert all(row[2].startswith(row[0][:16]) for row in rows)


def test_a_canary_has_an_inference_service_of_its_own(document: PlanDocument) -> None:
    assert {"fraud", "fraud-canary-v2"} <= set(objects(document, "InferenceService"))
    rules = objects(document, "HTTPRoute")["fraud"]["spec"]["rules"]
    backends = [rule["backendRefs"] for rule in rules if "headers" not in rule["matches"][0]]
    assert [each["weight"] for each in backends[0]] == [90, 10]
    assert [each["name"] for each in backends[0]] == ["fraud-predictor", "fraud-canary-v2-predictor"]


def test_the_graph_asks_its_models_and_they_let_it_in(document: PlanDocument) -> None:
    graph = objects(document, "InferenceGraph")["score"]
    assert [step["serviceName"] for step in graph["spec"]["nodes"]["root"]["steps"]] == ["churn", "fraud"]
    route = objects(document, "HTTPRoute")["score"]["spec"]
    assert route["hostnames"] == ["score.main.dev.ml.northwind.example"]
    allowed = json.dumps([objects(document, "NetworkPolicy")[name] for name in ("churn", "fraud")])
    assert allowed.count('"serving.kserve.io/inferencegraph": "score"') == 2
    assert '"serving.kserve.io/inferencegraph"' not in json.dumps(objects(document, "NetworkPolicy")["boost"])
    policy = objects(document, "NetworkPolicy")["score"]["spec"]["egress"]
    asked = [each["to"][0]["podSelector"]["matchLabels"] for each in policy]
    assert {"serving.kserve.io/inferenceservice": "fraud"} in asked
    made = next(each for each in resources(document) if each.type == "modelyard:index:KServeGraph")
    waited = json.dumps(list(made.dependencies))
    assert "dev-main-churn" in waited and "dev-main-fraud" in waited


def test_its_models_namespace_enforces_what_the_router_meets(document: PlanDocument) -> None:
    labels = {name: each["metadata"]["labels"] for name, each in objects(document, "Namespace").items()}
    enforced = {name: each["pod-security.kubernetes.io/enforce"] for name, each in labels.items()}
    assert enforced["merchandising"] == "baseline" and enforced["supply-chain"] == "restricted"
    assert labels["merchandising"]["pod-security.kubernetes.io/warn"] == "restricted"
    annotations = objects(document, "Namespace")["merchandising"]["metadata"]["annotations"]
    assert annotations["modelyard.dev/baseline-for"].startswith("KServe's router, which sets no seccomp profile")
    assert not [verdict for verdict in document.policies if verdict.policy == "pod-security" and "enforce" in
                verdict.message]  # fmt: skip
    assert any("'merchandising' of cluster 'main' enforces" in notice for notice in document.notices)


def test_seldon_copies_folders_that_never_change(document: PlanDocument) -> None:
    made = {name: each["spec"] for name, each in objects(document, "Model").items()}
    assert set(made) == {"risk", "risk-canary-v2", "loyalty"}
    keys = uploaded(document, "risk")
    folders = [re.fullmatch(r"risk/([0-9a-f]{16})/risk/([12])/model\.json", key) for key in keys]
    assert len(keys) == 2 and all(folders), keys
    assert {found[2] for found in folders if found} == {"1", "2"}
    assert len({found[1] for found in folders if found}) == 2, "each version has a folder of its own"
    uris = {name: spec["storageUri"] for name, spec in made.items()}
    by_version = {found[2]: found[1] for found in folders if found}
    assert uris["risk"].endswith(f"/merchandising/risk/{by_version['1']}/risk/1")
    assert uris["risk-canary-v2"].endswith(f"/merchandising/risk/{by_version['2']}/risk/2")


def test_seldon_splits_by_an_experiment_and_shares_a_server(document: PlanDocument) -> None:
    (split,) = objects(document, "Experiment").values()
    assert {each["name"]: each["weight"] for each in split["spec"]["candidates"]} == {"risk": 90, "risk-canary-v2": 10}
    assert set(objects(document, "Server")) == {"risk", "risk-canary-v2"}
    assert objects(document, "Model")["loyalty"]["spec"]["server"] == "risk"
    waits = next(each for each in resources(document) if each.urn.endswith("SeldonService::dev-main-loyalty"))
    assert any(urn.endswith("mlops.seldon.io/v1alpha1:Server::dev-main-risk") for urn in waits.dependencies)


def test_the_pipeline_of_its_models(document: PlanDocument) -> None:
    pipeline = objects(document, "Pipeline")["chain"]["spec"]
    assert pipeline["steps"] == [{"name": "risk"}, {"name": "loyalty", "inputs": ["risk"]}]
    assert objects(document, "HTTPRoute")["chain"]["spec"]["hostnames"] == ["chain.main.dev.ml.northwind.example"]


def test_the_addresses_that_the_stack_gives(document: PlanDocument) -> None:
    (stack,) = document.stacks
    outputs = stack.outputs
    assert outputs["models"]["fraud"] == {"main": "https://fraud.main.dev.ml.northwind.example"}
    assert outputs["graphs"] == {"score": {"main": "https://score.main.dev.ml.northwind.example"}}
    assert outputs["pipelines"] == {"chain": {"main": "https://chain.main.dev.ml.northwind.example"}}


def test_kserve_is_there_before_its_services(document: PlanDocument) -> None:
    churn = next(each for each in resources(document) if each.urn.endswith("KServeService::dev-main-churn"))
    assert any("kserve" in urn.lower() and "KServeService" not in urn for urn in churn.dependencies)


def test_knative_gets_a_folder_that_kserve_copies(project: Path) -> None:
    fraud = {**FRAUD, **CANARY, "kserve": {"server": "mlserver", "mode": "knative"}}
    document = planned(project, models(fraud), installed("knative"))
    predictor = objects(document, "InferenceService")["fraud"]["spec"]["predictor"]
    assert predictor["canaryTrafficPercent"] == 10
    (folder,) = {key.split("/")[1] for key in uploaded(document, "fraud") if key.endswith("/fraud/2/model.json")}
    assert predictor["model"]["storageUri"].endswith(f"/merchandising/fraud/{folder}")
    assert "initContainers" not in predictor
    assert "fraud" not in objects(document, "HTTPRoute"), "KServe's own ingress leads to it"
    (stack,) = document.stacks
    assert "fraud" not in stack.outputs["models"]


def test_the_model_cache_gets_one_too(project: Path) -> None:
    cache = {"node_groups": ["t4"], "size_gib": 1}
    churn = {**CHURN, "kserve": {"server": "sklearnserver", "model_cache": cache}}
    document = planned(project, models(churn), installed("kserve"))
    (key,) = uploaded(document, "churn")
    folder = key.split("/")[1]
    assert key == f"churn/{folder}/churn/1/model.joblib"
    cached = objects(document, "LocalModelNamespaceCache")["churn"]["spec"]
    assert cached["sourceModelUri"].endswith(f"/merchandising/churn/{folder}")


def test_a_transformer_of_the_registry_and_an_explainer_by_digest(project: Path) -> None:
    companions = {
        "transformer": {"image": "triton-python:1.4"},
        "explainer": {"image": EXPLAINER},
    }

    def platform(declared: dict[str, Any]) -> None:
        declared["image_registry"] = {"repositories": ["triton-python"]}

    churn = {**CHURN, "kserve": {"server": "sklearnserver", **companions}}
    document = planned(project, models(churn, graphs=[]), platform)
    spec = objects(document, "InferenceService")["churn"]["spec"]
    assert spec["explainer"]["containers"][0]["image"] == EXPLAINER
    assert "command" not in spec["transformer"]["containers"][0]
    backends = objects(document, "HTTPRoute")["churn"]["spec"]["rules"][0]["backendRefs"]
    assert backends[0]["name"] == "churn-transformer"


ACCESS = {"authentication": {"jwt": {"issuer": "https://id.example.org", "jwks_uri": "https://id.example.org/keys",
                                     "audiences": ["models"]}}, "max_request_mib": 4}  # fmt: skip


def test_graphs_and_pipelines_are_as_closed_as_models(project: Path) -> None:
    def platform(declared: dict[str, Any]) -> None:
        declared["gateway"]["access"] = ACCESS

    document = planned(project, models(FRAUD, CHURN, RISK, LOYALTY, graphs=[SCORE], pipelines=[CHAIN]), platform)
    closed = objects(document, "SecurityPolicy")
    assert {"fraud", "churn", "risk", "loyalty", "score", "chain"} <= set(closed)
    assert "requestBuffer" in objects(document, "BackendTrafficPolicy")["score-http"]["spec"]


def test_sizes_of_triton_by_kserve_are_those_of_triton(project: Path) -> None:
    profile = {"source": "an estimate for this test", "points": [
        {"accelerator": "T4", "batch_size": 1, "latency_ms": 4},
        {"accelerator": "T4", "batch_size": 8, "latency_ms": 9},
    ]}  # fmt: skip

    def of(runtime: dict[str, Any]) -> Any:
        def change(declared: dict[str, Any]) -> None:
            declared["models"][0] |= {"objective": {"p99_ms": 60, "requests_per_second": 40}, "profile": profile}
            declared["models"][0] |= runtime

        (line,) = [each for each in planned(project, change).models if each.model == "product-tagging"]
        return line.places[0].prediction

    own = of({})
    assert own is not None and of({"runtime": "kserve", "kserve": {"server": "triton"}}) == own


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (models({**FRAUD, "format": "onnx"}), "mlserver does not serve onnx; triton does"),
        (models({**RISK, "format": "savedmodel"}), "Seldon's mlserver does not serve savedmodel; its triton does"),
        (
            models({**CHURN, "kserve": {"transformer": {"image": EXPLAINER}}}),
            "has no predictor to hand requests to",
        ),
        (models(FRAUD, graphs=[SCORE]), "'churn' is not a model of department 'merchandising' that KServe serves"),
    ],
)
def test_what_cannot_be(project: Path, change: Change, message: str) -> None:
    with pytest.raises(PlanRefused) as refused:
        planned(project, change)
    assert message in str(refused.value)
