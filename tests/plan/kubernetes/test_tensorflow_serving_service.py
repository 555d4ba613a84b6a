"""What a TensorFlowServingService makes, where it differs from Triton's, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from modelyard.environment import tensorflow_serving
from modelyard.environment.declaration import Declaration
from modelyard.graph import ResourceGraph
from modelyard.serving.tfserving import service_args, service_declaration
from modelyard.serving.tfserving.service import TensorFlowServingService
from pulumi.provider.experimental.analyzer import Analyzer
from tensorflow_serving_files import parsed

from .program import CHECKSUM, graph_of, kubernetes_objects, one, refusal, triton_arguments


def files(*paths: str) -> list[dict[str, Any]]:
    return [{"path": path, "sha256": CHECKSUM, "size_bytes": 1000} for path in paths]


BOTH = files("tagger/1/saved_model.pb", "tagger/2/saved_model.pb", "tagger/2/variables/variables.index")
STORED = {"bucket": "models", "prefix": "shop/tagger", "region": "us-east-1", "digest": "f" * 64}


def arguments(stored: list[dict[str, Any]] | None = None, **changes: Any) -> Any:
    return triton_arguments(**{"stored": {**STORED, "files": BOTH if stored is None else stored}, **changes})


def service(stored: list[dict[str, Any]] | None = None, **changes: Any) -> Any:
    return lambda opts: TensorFlowServingService("prod-east-tagger", arguments(stored, **changes), opts)


CANARY = {"version": 1, "versions": [1, 2], "server": {"labels": {"stable": 1, "canary": 2}}}


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service(**CANARY))


def server(graph: ResourceGraph) -> dict[str, Any]:
    (container,) = one(graph, "Deployment").inputs["spec"]["template"]["spec"]["containers"]
    return container


def test_it_makes_these_objects_and_no_others(graph: ResourceGraph) -> None:
    kinds = sorted(resource.inputs["kind"] for resource in kubernetes_objects(graph))
    assert kinds == [
        "BackendTrafficPolicy", "ConfigMap", "ConfigMap", "Deployment", "HTTPRoute", "NetworkPolicy",
        "PodDisruptionBudget", "ScaledObject", "Service", "ServiceAccount",
    ]  # fmt: skip


def test_its_files_are_an_immutable_config_map_that_the_server_reads(graph: ResourceGraph) -> None:
    held = next(each for each in kubernetes_objects(graph) if "models.config" in each.inputs.get("data", {}))
    assert held.inputs["immutable"] is True
    pod = one(graph, "Deployment").inputs["spec"]["template"]["spec"]
    volume = {"name": "settings", "configMap": {"name": held.inputs["metadata"]["name"]}}
    assert volume in pod["volumes"]
    assert {"name": "settings", "mountPath": "/etc/modelyard", "readOnly": True} in server(graph)["volumeMounts"]
    (model,) = parsed("ModelServerConfig", held.inputs["data"]["models.config"]).model_config_list.config
    assert (model.name, dict(model.version_labels)) == ("tagger", {"stable": 1, "canary": 2})


def test_another_label_is_another_config_map(graph: ResourceGraph) -> None:
    promoted = graph_of(service(**{**CANARY, "version": 2, "server": {"labels": {"stable": 2, "canary": 2}}}))
    named = [
        {
            each.inputs["metadata"]["name"]
            for each in kubernetes_objects(made)
            if "models.config" in each.inputs.get("data", {})
        }
        for made in (graph, promoted)
    ]
    assert named[0].isdisjoint(named[1])


def test_the_server_itself_is_started_and_not_the_images_shell(graph: ResourceGraph) -> None:
    made = server(graph)
    assert made["command"] == ["tensorflow_model_server"]
    assert "--model_config_file=/etc/modelyard/models.config" in made["args"]
    assert "--allow_version_labels_for_unavailable_models=true" in made["args"]
    assert made["readinessProbe"]["httpGet"] == {"path": "/v1/models/tagger/versions/1/metadata", "port": 8501}


@pytest.mark.parametrize(
    ("gpus", "pool", "image"),
    [(1, "l4", "docker.io/tensorflow/serving:2.19.1-gpu"), (0, None, "docker.io/tensorflow/serving:2.19.1")],
)
def test_the_image_has_cuda_where_there_are_gpus(gpus: int, pool: str | None, image: str) -> None:
    made = graph_of(service(resources={"gpus": gpus}, pool=pool))
    assert server(made)["image"] == image


def test_its_one_http_port_is_open_to_gateway_and_prometheus_and_grpc_to_the_gateway(graph: ResourceGraph) -> None:
    rules = one(graph, "NetworkPolicy").inputs["spec"]["ingress"]
    ports = {
        rule["from"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]: [
            port["port"] for port in rule["ports"]
        ]
        for rule in rules
    }
    assert ports == {"gateway-system": [8501, 8500], "monitoring": [8501]}


def test_no_path_of_the_gateway_leads_to_metrics_or_to_another_configuration(graph: ResourceGraph) -> None:
    rules = one(graph, "HTTPRoute").inputs["spec"]["rules"]
    paths = [match["path"]["value"] for rule in rules for match in rule["matches"]]
    assert paths and not [path for path in paths if "monitoring" in path or "HandleReloadConfig" in path]
    assert {path.split("/")[1] for path in paths} == {
        "v1", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService",
    }  # fmt: skip


def test_a_request_without_a_version_is_sent_to_the_declared_one(graph: ResourceGraph) -> None:
    rules = one(graph, "HTTPRoute").inputs["spec"]["rules"]
    sent = {
        rule["matches"][0]["path"]["value"]: rule["filters"][0]["urlRewrite"]["path"]["replacePrefixMatch"]
        for rule in rules
        if "filters" in rule
    }
    assert sent["/v1/models/tagger:predict"] == "/v1/models/tagger/versions/1:predict"


ROLLOUT = {
    "stored": files("tagger/1/saved_model.pb"),
    "canary": {"stored": {**STORED, "files": files("tagger/2/saved_model.pb")}},
    "rollout": {"stable": 1, "canary": 2, "percent": 10},
}


@pytest.fixture(scope="module")
def rolled_out() -> ResourceGraph:
    return graph_of(service(**ROLLOUT))


def test_each_side_of_a_rollout_serves_its_version_by_its_name(rolled_out: ResourceGraph) -> None:
    served = {}
    for each in kubernetes_objects(rolled_out):
        if "models.config" in each.inputs.get("data", {}):
            (model,) = parsed("ModelServerConfig", each.inputs["data"]["models.config"]).model_config_list.config
            name = each.inputs["metadata"]["name"].partition("-settings-")[0]
            served[name] = (list(model.model_version_policy.specific.versions), dict(model.version_labels))
    assert served == {"tagger": ([1], {"stable": 1}), "tagger-canary-v2": ([2], {"canary": 2})}


@pytest.mark.parametrize(
    ("path", "backends"),
    [
        ("/v1/models/tagger:predict", {"tagger": 90, "tagger-canary-v2": 10}),
        ("/v1/models/tagger/versions/1:predict", {"tagger": None}),
        ("/v1/models/tagger/versions/2:predict", {"tagger-canary-v2": None}),
        ("/v1/models/tagger/labels/stable:predict", {"tagger": None}),
        ("/v1/models/tagger/labels/canary:predict", {"tagger-canary-v2": None}),
        ("/tensorflow.serving.PredictionService/Predict", {"tagger": 90, "tagger-canary-v2": 10}),
    ],
)
def test_a_path_that_names_a_version_or_label_goes_to_the_side_that_has_it(
    rolled_out: ResourceGraph, path: str, backends: dict[str, int | None]
) -> None:
    rules = one(rolled_out, "HTTPRoute").inputs["spec"]["rules"]
    asked = [
        {backend["name"]: backend.get("weight") for backend in rule["backendRefs"]}
        for rule in rules
        for match in rule["matches"]
        if match["path"]["value"] == path and "headers" not in match
    ]
    assert asked == [backends]


def test_promotion_changes_the_rollout_alone() -> None:
    promoted = graph_of(service(BOTH, rollout={"stable": 2}, version=2))
    held = [each.inputs["data"] for each in kubernetes_objects(promoted) if each.inputs["kind"] == "ConfigMap"]
    (config,) = [parsed("ModelServerConfig", data["models.config"]) for data in held if "models.config" in data]
    assert dict(config.model_config_list.config[0].version_labels) == {"stable": 2}


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"server": {"labels": {"stable": 1, "canary": 2}}},
        "server.labels.canary is version 2, which is not served; served are 1: add it to versions, or name one of them",
    ),
    (
        {"server": {"labels": {"Stable": 1}}},
        "server.labels.Stable is spelt with capitals, and callers of 'stable' would get 404; write stable",
    ),
    ({"server": {"labels": {"not-a-word": 1}}}, "server.labels.not-a-word"),
    (
        {"rollout": {"stable": 2}, "version": 2, "server": {"labels": {"stable": 1}}},
        "server.labels.stable is version 1, which is not served; served are 2: add it to versions, or name one of them",
    ),
    (
        {"version": 3},
        "version 3 is served, and stored.files has no folder tagger/3; it has versions: 1, 2",
    ),
    (
        {"stored": files("tagger/1/model.onnx")},
        "stored.files has no tagger/1/saved_model.pb, so version 1 is no SavedModel; export it with "
        "tf.saved_model.save, or model.export of Keras",
    ),
    (
        {"stored": files("tagger/1/model/saved_model.pb")},
        "stored.files has no tagger/1/saved_model.pb, so version 1 is no SavedModel",
    ),
    (
        {"server": {"version_policy": "latest"}},
        "server.version_policy latest would serve version 2 of 1, 2, and versions says 1; write specific, or make them "
        "agree",
    ),
    (
        {"server": {"version_policy": "all"}},
        "server.version_policy all would serve version 1, 2 of 1, 2, and versions says 1; write specific, or make them "
        "agree",
    ),
    (
        {"server": {"batching": {"max_batch_size": 16, "allowed_batch_sizes": [1, 8]}}},
        "the last of allowed_batch_sizes is 8 and max_batch_size is 16; TensorFlow Serving wants them equal",
    ),
    ({"server": {"batching": {}}}, "server.batching.max_batch_size"),
    (
        {"server": {"gpu_memory_fraction": 0.5}, "resources": {"gpus": 0}, "pool": None},
        "server.gpu_memory_fraction is 0.5 and resources.gpus is 0; delete it, or ask for GPUs",
    ),
    (
        {"version": 1, "versions": list(range(1, 22)), "stored": []},
        "21 versions and 0 labels are more than the 20 that a route has paths for; serve fewer side by side",
    ),
    ({"server": {"lables": {"stable": 1}}}, "did you mean 'labels'"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_bad_arguments_are_refused_before_anything_is_registered(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(service(**changes))


@pytest.mark.parametrize("policy", ["latest", "all"])
def test_policies_that_choose_the_declared_versions_pass(policy: str) -> None:
    made = graph_of(service(version=2, versions=[1, 2], server={"version_policy": policy}))
    assert one(made, "Deployment")


MIRRORS: list[tuple[type[Declaration], Any]] = [
    (tensorflow_serving.BatchingDeclaration, service_args.BatchingArgs),
    (tensorflow_serving.TensorFlowServerDeclaration, service_args.TensorFlowServerArgs),
    (service_declaration.TensorFlowServingServiceDeclaration, service_args.TensorFlowServingServiceArgs),
]


@pytest.mark.parametrize(("declaration", "arguments"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any) -> None:
    assert set(arguments.__annotations__) == set(declaration.model_fields)
    required = {name for name, field in declaration.model_fields.items() if field.is_required()}
    assert arguments.__required_keys__ == required


def test_it_can_be_used_from_other_languages() -> None:
    analysed = Analyzer("modelyard").analyze([TensorFlowServingService])
    (definition,) = analysed["component_definitions"].values()
    for described in (definition.inputs, definition.outputs):
        assert all(prop.description for prop in described.values())
    for kind in analysed["type_definitions"].values():
        assert all(prop.description for prop in kind.properties.values()), kind.name
