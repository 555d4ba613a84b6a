"""What a SeldonService makes. Seldon's own definitions are under its licence and not asked: these tests hold the
objects against the documentation's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from modelyard.graph import ResourceGraph, Secret
from modelyard.serving.seldon.service import SeldonService

from .program import graph_of, kubernetes_objects, one, waits_for
from .seldon_program import of_canary, on_gpu, seldon_arguments

CANARY = "fraud-canary-v2"


def made(arguments: Any) -> ResourceGraph:
    return graph_of(lambda opts: SeldonService("prod-east-fraud", arguments, opts))


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return made(seldon_arguments())


@pytest.fixture(scope="module")
def with_canary() -> ResourceGraph:
    return made(seldon_arguments(**of_canary(10)))


def test_it_makes_these_objects_and_no_others(graph: ResourceGraph) -> None:
    kinds = sorted(resource.inputs["kind"] for resource in kubernetes_objects(graph))
    assert kinds == [
        "BackendTrafficPolicy", "HTTPRoute", "Model", "NetworkPolicy", "PodDisruptionBudget", "Role", "RoleBinding",
        "Secret", "Server", "ServiceAccount",
    ]  # fmt: skip
    types = {each.type for each in graph if each.inputs.get("kind") in ("Secret", "Role", "RoleBinding")}
    assert types == {
        "kubernetes:core/v1:Secret",
        "kubernetes:rbac.authorization.k8s.io/v1:Role",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    }


def test_a_model_asks_for_a_server_that_can_and_is_its_own(graph: ResourceGraph) -> None:
    assert one(graph, "Model").inputs["spec"] == {
        "storageUri": "s3://retail-prod-models-us-east-1/shop/fraud",
        "secretName": "fraud-rclone",
        "requirements": ["xgboost", "fraud"],
        "server": "fraud",
        "replicas": 2,
        "minReplicas": 2,
        "maxReplicas": 4,
    }
    server = one(graph, "Server").inputs
    assert server["metadata"]["name"] == "fraud"
    assert (server["spec"]["serverConfig"], server["spec"]["extraCapabilities"]) == ("mlserver", ["fraud"])
    (container,) = server["spec"]["podSpec"]["containers"]
    assert container == {
        "name": "mlserver",
        "resources": {"requests": {"cpu": "2", "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
    }


def test_a_gpu_is_found_and_paid_for() -> None:
    server = one(made(on_gpu(model_memory_gib=1.5)), "Server").inputs
    pods = server["spec"]["podSpec"]
    assert pods["nodeSelector"] == {"modelyard.dev/pool": "l4"}
    assert [each["key"] for each in pods["tolerations"]] == ["nvidia.com/gpu"]
    assert pods["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    # Seldon hands labels and annotations of a Server to its pods.
    assert server["metadata"]["annotations"]["modelyard.dev/price-basis"] == "aws/us-east-1/g6.2xlarge/on_demand"
    assert server["metadata"]["labels"]["modelyard.dev/department"] == "shop"
    assert "app.kubernetes.io/name" not in server["metadata"]["labels"], "Seldon's own value would be lost"


def test_tritons_repository_has_a_folder_for_each_version() -> None:
    assert one(made(on_gpu(version=3)), "Model").inputs["spec"]["artifactVersion"] == 3
    assert "artifactVersion" not in one(made(seldon_arguments(version=3)), "Model").inputs["spec"]


@pytest.mark.parametrize(
    ("stored", "keys", "uri", "remote"),
    [
        (
            {"bucket": "models", "region": "us-east-1", "digest": "d"},
            {},
            "s3://models",
            {"type": "s3", "name": "s3", "parameters": {"env_auth": "true", "provider": "AWS", "region": "us-east-1"}},
        ),
        (
            {"store": "gcs", "bucket": "models", "prefix": "fraud", "digest": "d"},
            {"eks_cluster": None},
            "gs://models/fraud",
            {"type": "google cloud storage", "name": "gs", "parameters": {"env_auth": "true"}},
        ),
        (
            {"store": "azure", "account": "retail", "bucket": "models", "digest": "d"},
            {"eks_cluster": None, "azure_client_id": "11111111-2222-3333-4444-555555555555"},
            "azure://models",
            {"type": "azureblob", "name": "azure", "parameters": {"env_auth": "true", "account": "retail"}},
        ),
    ],
    ids=["s3", "gcs", "azure"],
)
def test_a_store_is_reached_without_a_key(
    stored: dict[str, Any], keys: dict[str, Any], uri: str, remote: dict[str, Any]
) -> None:
    graph = made(seldon_arguments(stored=stored, **keys))
    assert one(graph, "Model").inputs["spec"]["storageUri"] == uri
    given = one(graph, "Secret").inputs["stringData"]
    assert isinstance(given, Secret)
    assert json.loads(given.reveal()["rclone"]) == remote


def test_the_agent_reads_its_own_secrets_and_no_others(graph: ResourceGraph) -> None:
    (rule,) = one(graph, "Role").inputs["rules"]
    assert rule == {
        "apiGroups": [""],
        "resources": ["secrets"],
        "resourceNames": ["fraud-rclone", "seldon-rclone-gs-public"],
        "verbs": ["get"],
    }
    (subject,) = one(graph, "RoleBinding").inputs["subjects"]
    assert subject == {"kind": "ServiceAccount", "name": "fraud", "namespace": "shop"}


def test_everything_is_there_before_what_needs_it(graph: ResourceGraph) -> None:
    server, model, route = one(graph, "Server"), one(graph, "Model"), one(graph, "HTTPRoute")
    for kind in ("ServiceAccount", "Secret", "RoleBinding", "NetworkPolicy"):
        assert waits_for(graph, server, one(graph, kind)), kind
    assert waits_for(graph, model, server)
    assert waits_for(graph, route, model)
    assert model.inputs["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"


def test_the_gateway_says_which_model_is_meant(graph: ResourceGraph) -> None:
    """A caller's own header would reach any model of the namespace."""
    rules = one(graph, "HTTPRoute").inputs["spec"]["rules"]
    assert [each["backendRefs"] for each in rules] == [[{"name": "seldon-mesh", "port": 80}]] * 3
    headers = [each["filters"][0]["requestHeaderModifier"]["set"] for each in rules]
    assert headers == [[{"name": "seldon-model", "value": "fraud"}]] * 3
    paths = [match["path"]["value"] for each in rules for match in each["matches"]]
    assert paths[0] == "/v2/models/fraud/infer" and not [path for path in paths if "repository" in path]


def test_a_shared_server_is_somebody_elses() -> None:
    graph = made(seldon_arguments(shared_server="mlserver-shared", eks_cluster=None))
    kinds = {resource.inputs["kind"] for resource in kubernetes_objects(graph)}
    assert kinds == {"BackendTrafficPolicy", "HTTPRoute", "Model", "Secret"}
    spec = one(graph, "Model").inputs["spec"]
    assert (spec["server"], spec["requirements"]) == ("mlserver-shared", ["xgboost"])


@pytest.mark.parametrize(
    ("rollout", "spec"),
    [
        (
            of_canary(10),
            {
                "default": "fraud",
                "resourceType": "model",
                "candidates": [{"name": "fraud", "weight": 90}, {"name": CANARY, "weight": 10}],
            },
        ),
        (
            of_canary(100),
            {
                "default": "fraud",
                "resourceType": "model",
                "candidates": [{"name": "fraud", "weight": 0}, {"name": CANARY, "weight": 100}],
            },
        ),
        (
            of_canary(0, mirror_percent=20),
            {
                "default": "fraud",
                "resourceType": "model",
                "candidates": [{"name": "fraud", "weight": 100}],
                "mirror": {"name": CANARY, "percent": 20},
            },
        ),
    ],
    ids=["a canary", "all of it", "a mirror"],
)
def test_an_experiment_splits_or_mirrors(rollout: dict[str, Any], spec: dict[str, Any]) -> None:
    assert one(made(seldon_arguments(**rollout)), "Experiment").inputs["spec"] == spec


def test_without_a_share_there_is_no_experiment() -> None:
    graph = made(seldon_arguments(**of_canary(0)))
    assert not [each for each in kubernetes_objects(graph) if each.inputs["kind"] == "Experiment"]
    assert one(graph, "Model", CANARY).inputs["spec"]["storageUri"].endswith("/shop/fraud-2")


def test_the_experiment_waits_for_both_models(with_canary: ResourceGraph) -> None:
    experiment = one(with_canary, "Experiment")
    for name in ("fraud", CANARY):
        assert waits_for(with_canary, experiment, one(with_canary, "Model", name))
        assert one(with_canary, "Server", name).inputs["spec"]["podSpec"]["serviceAccountName"] == name
    roles = [each for each in with_canary if each.type == "aws:eks/podIdentityAssociation:PodIdentityAssociation"]
    assert sorted(each.inputs["serviceAccount"] for each in roles) == ["fraud", CANARY]


def test_pods_are_reached_by_seldon_and_prometheus(graph: ResourceGraph) -> None:
    spec = one(graph, "NetworkPolicy").inputs["spec"]
    assert spec["podSelector"] == {"matchLabels": {"seldon-server-name": "fraud"}}
    near, prometheus = spec["ingress"]
    assert near["from"] == [{"podSelector": {}}]
    assert [port["port"] for port in near["ports"]] == [9001, 9501, 9007, 9008]
    assert [port["port"] for port in prometheus["ports"]] == [9006]
