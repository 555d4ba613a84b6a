"""What a KServeService makes: one test for each thing that its pods need to start, to be safe and to be found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import Resource, ResourceGraph
from modelyard.serving.kserve.service import KServeService

from .kserve_program import FOLDER, IMAGE, SERVERS, kserve_arguments, on_cpu
from .program import CHECKSUM, graph_of, kubernetes_objects, one, waits_for


def service(arguments: Any) -> Any:
    return lambda opts: KServeService("prod-east-tagger", arguments, opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service(kserve_arguments()))


def predictor(graph: ResourceGraph, name: str | None = None) -> dict[str, Any]:
    return one(graph, "InferenceService", name).inputs["spec"]["predictor"]


def container(graph: ResourceGraph, name: str | None = None) -> dict[str, Any]:
    """As KServe merges it: the runtime's, with the predictor's on top and its arguments after."""
    (made,) = one(graph, "ServingRuntime", name).inputs["spec"]["containers"]
    return {**made, **predictor(graph, name)["model"]}


def variables(graph: ResourceGraph) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(graph)["env"] if "value" in each}


def test_it_makes_these_objects_and_no_others(graph: ResourceGraph) -> None:
    kinds = sorted(resource.inputs["kind"] for resource in kubernetes_objects(graph))
    assert kinds == [
        "BackendTrafficPolicy", "ConfigMap", "HTTPRoute", "HorizontalPodAutoscaler", "InferenceService",
        "NetworkPolicy", "PodDisruptionBudget", "ServiceAccount", "ServingRuntime",
    ]  # fmt: skip


def test_every_object_lies_in_the_departments_namespace_and_says_whose_it_is(graph: ResourceGraph) -> None:
    labels = {
        "modelyard.dev/department": "shop",
        "modelyard.dev/cost-center": "CC-2000",
        "modelyard.dev/environment": "prod",
        "modelyard.dev/model": "tagger",
        "app.kubernetes.io/managed-by": "modelyard",
    }
    metadata = [resource.inputs["metadata"] for resource in kubernetes_objects(graph)]
    assert all(each["namespace"] == "shop" for each in metadata)
    assert all(labels.items() <= each["labels"].items() for each in metadata)
    assert labels.items() <= predictor(graph)["labels"].items()


def test_pods_go_to_their_pool_and_say_at_which_price(graph: ResourceGraph) -> None:
    pods = predictor(graph)
    assert pods["nodeSelector"] == {"modelyard.dev/pool": "l4"}
    assert [toleration["key"] for toleration in pods["tolerations"]] == ["nvidia.com/gpu"]
    assert container(graph)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert pods["annotations"] == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/price-basis": "aws/us-east-1/g6.2xlarge/on_demand",
        "modelyard.dev/artefact-digest": "f" * 64,
    }


@pytest.mark.parametrize(("server", "format"), SERVERS)
def test_pods_of_every_server_are_restricted(server: str, format: str) -> None:
    """The Pod Security Standard that the namespace enforces, on every container, and nobody's token."""
    graph = graph_of(service(on_cpu(server, format, transformer={"image": IMAGE}, explainer={"image": IMAGE})))
    spec = one(graph, "InferenceService").inputs["spec"]
    containers = [container(graph), *spec["predictor"]["initContainers"]]
    containers += spec["transformer"]["containers"] + spec["explainer"]["containers"]
    assert len(containers) == 4
    for each in containers:
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        written = {mount["mountPath"] for mount in each["volumeMounts"] if not mount.get("readOnly")}
        assert "/tmp" in written
    for pods in (spec["predictor"], spec["transformer"], spec["explainer"]):
        assert pods["automountServiceAccountToken"] is False
        assert pods["securityContext"]["runAsNonRoot"] is True
        assert pods["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_a_runtime_is_of_one_service_and_never_chosen_by_itself(graph: ResourceGraph) -> None:
    runtime = one(graph, "ServingRuntime").inputs
    assert runtime["metadata"]["name"] == predictor(graph)["model"]["runtime"] == "tagger"
    assert runtime["spec"]["supportedModelFormats"] == [{"name": "onnx", "version": "1", "autoSelect": False}]
    assert predictor(graph)["model"]["modelFormat"] == {"name": "onnx", "version": "1"}
    assert predictor(graph)["model"]["protocolVersion"] == runtime["spec"]["protocolVersions"][0] == "v2"
    image = runtime["spec"]["containers"][0]["image"]
    assert image.startswith("nvcr.io/nvidia/tritonserver:") and "@sha256:" in image


def test_a_graph_asks_in_the_protocol_that_was_chosen() -> None:
    graph = graph_of(service(on_cpu("sklearnserver", "sklearn", protocol="v1")))
    assert one(graph, "ServingRuntime").inputs["spec"]["protocolVersions"] == ["v1", "v2", "grpc-v2"]
    assert predictor(graph)["model"]["protocolVersion"] == "v1"


def test_the_models_files_are_checked_before_the_server_starts(graph: ResourceGraph) -> None:
    pods = predictor(graph)
    (download,) = pods["initContainers"]
    assert {"name": "MODEL_BUCKET", "value": "retail-prod-models-us-east-1"} in download["env"]
    assert CHECKSUM in one(graph, "ConfigMap").inputs["data"]["list"]
    # With a URL KServe adds no agent for many models, and its own initializer gives way to one of that name.
    assert pods["model"]["storageUri"] == "s3://retail-prod-models-us-east-1/shop/tagger"
    assert download["name"] == "storage-initializer"
    assert "--model-repository=/models" in container(graph)["args"]
    mounts = {mount["name"]: mount for mount in container(graph)["volumeMounts"]}
    assert (mounts["models"]["mountPath"], mounts["models"]["readOnly"]) == ("/models", True)


def test_the_role_and_the_files_are_there_before_the_pods(graph: ResourceGraph) -> None:
    served = one(graph, "InferenceService")
    (association,) = [each for each in graph if each.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation"]
    assert association.inputs["serviceAccount"] == predictor(graph)["serviceAccountName"] == "tagger"
    for kind in ("ConfigMap", "ServingRuntime", "NetworkPolicy", "ServiceAccount"):
        assert waits_for(graph, served, one(graph, kind)), kind
    assert waits_for(graph, served, association)
    assert waits_for(graph, one(graph, "HTTPRoute"), served)


@pytest.mark.parametrize(("least", "rolling"), [(1, (1, 0)), (2, (0, 1))])
def test_a_single_pod_is_never_missing(least: int, rolling: tuple[int, int]) -> None:
    """A Deployment whose only pod may be missing is available without one, and KServe says Ready."""
    graph = graph_of(service(kserve_arguments(scaling={"min_replicas": least, "max_replicas": 4})))
    strategy = predictor(graph)["deploymentStrategy"]["rollingUpdate"]
    assert (strategy["maxSurge"], strategy["maxUnavailable"]) == rolling


def test_pulumi_waits_until_kserve_says_ready_and_counts_a_pod(graph: ResourceGraph) -> None:
    """With one replica, of which one may be missing, KServe says Ready before there is a pod."""
    annotations = one(graph, "InferenceService").inputs["metadata"]["annotations"]
    waits = json.loads(annotations["pulumi.com/waitFor"])
    assert waits == ["condition=Ready", "jsonpath={.status.modelStatus.copies.totalCopies}"]
    asleep = graph_of(service(kserve_arguments(scaling={"min_replicas": 0, "max_replicas": 2})))
    annotations = one(asleep, "InferenceService").inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/waitFor"] == "condition=Ready"
    assert int(annotations["pulumi.com/timeoutSeconds"]) >= 1200


@pytest.mark.parametrize(
    "change",
    [
        {"scaling": {"min_replicas": 3, "max_replicas": 9, "target_queue_ms": 2.5}},
        {"rollout": {"stable": 1}},
    ],
    ids=["replicas", "a rollout"],
)
def test_what_changes_without_the_model_replaces_no_pods(graph: ResourceGraph, change: dict[str, Any]) -> None:
    """KServe copies labels and annotations of the InferenceService to the pod template."""
    before, after = (
        one(each, "InferenceService").inputs for each in (graph, graph_of(service(kserve_arguments(**change))))
    )
    for key in ("labels", "annotations"):
        assert after["metadata"][key] == before["metadata"][key]
        assert after["spec"]["predictor"][key] == before["spec"]["predictor"][key]


def test_nothing_but_our_own_route_leads_to_it(graph: ResourceGraph) -> None:
    """KServe's own ingress would answer at another host, past the gateway's rules."""
    labels = one(graph, "InferenceService").inputs["metadata"]["labels"]
    assert labels["networking.kserve.io/visibility"] == "cluster-local"
    spec = one(graph, "HTTPRoute").inputs["spec"]
    assert spec["hostnames"] == ["tagger.east.ml.example.org"]
    backends = {(rule["backendRefs"][0]["name"], rule["backendRefs"][0]["port"]) for rule in spec["rules"]}
    # KServe's Service has port 80 for the container's first port, and the others as they are.
    assert backends == {("tagger-predictor", 80), ("tagger-predictor", 8001)}
    paths = [match["path"]["value"] for rule in spec["rules"] for match in rule["matches"]]
    assert not [path for path in paths if "repository" in path or path == "/"]


def test_requests_go_through_the_transformer_and_to_the_explainer() -> None:
    graph = graph_of(service(kserve_arguments(transformer={"image": IMAGE}, explainer={"image": IMAGE})))
    rules = one(graph, "HTTPRoute").inputs["spec"]["rules"]
    by_path = {match["path"]["value"]: rule["backendRefs"] for rule in rules for match in rule["matches"]}
    assert by_path["/v2/models/tagger/infer"] == [{"name": "tagger-transformer", "port": 80}]
    assert by_path["/v1/models/tagger:explain"] == [{"name": "tagger-explainer", "port": 80}]
    assert not [path for path in by_path if path.startswith("/inference.")], "gRPC would pass the transformer by"
    spec = one(graph, "InferenceService").inputs["spec"]
    (pre,) = spec["transformer"]["containers"]
    assert pre["args"] == ["--model_name", "tagger"]
    assert "nodeSelector" not in spec["transformer"] and "nvidia.com/gpu" not in pre["resources"]["limits"]


def sources(policy: Resource) -> dict[str, list[int]]:
    """Who may reach which ports, by what their pods are."""
    found: dict[str, list[int]] = {}
    for rule in policy.inputs["spec"]["ingress"]:
        for each in rule["from"]:
            labels = each["podSelector"]["matchLabels"]
            name = labels.get("app.kubernetes.io/name") or labels["serving.kserve.io/inferencegraph"]
            found[name] = found.get(name, []) + [port["port"] for port in rule["ports"]]
    return found


def test_pods_are_reached_by_those_who_need_them(graph: ResourceGraph) -> None:
    assert sources(one(graph, "NetworkPolicy")) == {"envoy": [8000, 8001], "prometheus": [8002]}


def test_a_transformer_stands_before_its_predictor() -> None:
    arguments = kserve_arguments(transformer={"image": IMAGE}, explainer={"image": IMAGE}, graphs=["fraud"])
    graph = graph_of(service(arguments))
    assert sources(one(graph, "NetworkPolicy", "tagger")) == {
        "transformer": [8000], "explainer": [8000], "prometheus": [8002],
    }  # fmt: skip
    assert sources(one(graph, "NetworkPolicy", "tagger-transformer")) == {
        "envoy": [8080], "fraud": [8080], "explainer": [8080],
    }  # fmt: skip
    selected = one(graph, "NetworkPolicy", "tagger-transformer").inputs["spec"]["podSelector"]["matchLabels"]
    pods = one(graph, "InferenceService").inputs["spec"]["transformer"]["labels"]
    assert selected.items() <= pods.items()
    predictors = one(graph, "NetworkPolicy", "tagger").inputs["spec"]["podSelector"]["matchLabels"]
    assert not predictors.items() <= pods.items(), "the predictor's policy would open the transformer's pods"


def test_a_router_reaches_the_models_that_name_it() -> None:
    graph = graph_of(service(kserve_arguments(graphs=["fraud"])))
    assert sources(one(graph, "NetworkPolicy"))["fraud"] == [8000]


@pytest.mark.parametrize(
    ("server", "format", "args", "environment"),
    [
        ("triton", "onnx", ["--model-repository=/models", "--model-control-mode=none"], {}),
        ("tensorflow_serving", "savedmodel", ["--model_config_file=/etc/modelyard/models.config"], {}),
        ("torchserve", "torch_mar", ["8081", "tagger", "1.0"], {"TS_CONFIG_FILE": "/etc/modelyard/config.properties"}),
        (
            "mlserver",
            "sklearn",
            [],
            {
                "MLSERVER_MODEL_IMPLEMENTATION": "mlserver_sklearn.SKLearnModel",
                "MLSERVER_MODEL_NAME": "tagger",
                "MLSERVER_MODEL_URI": "/models/tagger/1",
                "MLSERVER_HTTP_PORT": "8080",
            },
        ),
        ("mlserver", "mlflow", [], {"MLSERVER_MODEL_IMPLEMENTATION": "mlserver_mlflow.MLflowRuntime"}),
        ("sklearnserver", "sklearn", ["--model_name=tagger", "--model_dir=/models/tagger/1"], {}),
        ("xgbserver", "xgboost", ["--model_dir=/models/tagger/1", "--nthread=3"], {}),
    ],
)  # fmt: skip
def test_each_server_is_told_its_model(server: str, format: str, args: list[str], environment: dict[str, str]) -> None:
    graph = graph_of(service(on_cpu(server, format, resources={"gpus": 0, "cpu": 2.5})))
    assert set(args) <= set(container(graph).get("args", []))
    assert environment.items() <= variables(graph).items()
    assert container(graph)["readinessProbe"]["httpGet"]["path"].startswith("/")


def test_what_manages_a_server_is_no_port_of_kserves_service() -> None:
    ports = {each["name"] for each in container(graph_of(service(on_cpu("torchserve", "torch_mar"))))["ports"]}
    assert ports == {"http", "grpc", "metrics"}


@pytest.mark.parametrize(
    ("stored", "keys", "url"),
    [
        (FOLDER, {}, "s3://retail-prod-models-us-east-1/shop/v1"),
        (
            {"store": "gcs", "bucket": "retail-models", "digest": "d", "layout": "repository"},
            {"eks_cluster": None, "gcp_service_account": "tagger@retail.iam.gserviceaccount.com"},
            "gs://retail-models",
        ),
        (
            {
                "store": "azure", "account": "retail", "bucket": "models", "prefix": "shop", "digest": "d",
                "layout": "repository",
            },
            {"eks_cluster": None, "azure_client_id": "11111111-2222-3333-4444-555555555555"},
            "https://retail.blob.core.windows.net/models/shop",
        ),
    ],
    ids=["s3", "gcs", "azure"],
)  # fmt: skip
def test_a_cached_model_is_found_by_its_url_and_read_by_its_service_account(
    stored: dict[str, Any], keys: dict[str, Any], url: str
) -> None:
    cached = {"node_groups": ["l4"], "size_gib": 3.5}
    graph = graph_of(service(kserve_arguments(stored=stored, model_cache=cached, **keys)))
    assert predictor(graph)["model"]["storageUri"] == url
    assert predictor(graph)["storageContainerName"] == "modelyard"
    assert "initContainers" not in predictor(graph)
    assert "--model-repository=/mnt/models" in container(graph)["args"]
    cache = one(graph, "LocalModelNamespaceCache").inputs["spec"]
    assert cache == {
        "sourceModelUri": url, "modelSize": "3584Mi", "nodeGroups": ["l4"], "serviceAccountName": "tagger",
    }  # fmt: skip
    annotations = one(graph, "ServiceAccount").inputs["metadata"].get("annotations", {})
    expected = {
        "gcp_service_account": "iam.gke.io/gcp-service-account",
        "azure_client_id": "azure.workload.identity/client-id",
    }
    assert annotations == {expected[key]: value for key, value in keys.items() if key in expected}


def test_a_cache_for_everybody_is_named_by_the_department() -> None:
    cached = {"node_groups": ["l4"], "size_gib": 4, "scope": "cluster"}
    graph = graph_of(service(kserve_arguments(stored=FOLDER, model_cache=cached)))
    assert one(graph, "LocalModelCache").inputs["metadata"]["name"] == "shop-tagger"
